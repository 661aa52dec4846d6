"""What deployment guides ask of a resource stands in the resources that an app file becomes."""

from __future__ import annotations

from typing import Any

import pytest

from graphs import API, HEAD, Make, one
from seatrial.resources.catalog import graph
from seatrial.resources.graph import Graph, Ref


def of_type(made: Graph, type_: str) -> dict[str, dict[str, Any]]:
    """Return the bodies of a type's resources by their names."""
    return {r.name: r.body for r in made.resources if r.type == type_}


@pytest.mark.G6
def test_public_subnets_alone_lead_to_the_internet_gateway(app: Make):
    """Two zones with a public and a private subnet each; without NAT private ones lead nowhere."""
    made = graph(app(HEAD + API % "" + "network: {outbound: endpoints}"))
    tables = {
        row["subnet_id"].name: row["route_table_id"].name
        for row in of_type(made, "aws_route_table_association").values()
    }
    assert tables == {
        f"{kind}_{zone}": "public" if kind == "public" else f"private_{zone}"
        for kind in ("public", "private")
        for zone in ("a", "b")
    }
    [route] = of_type(made, "aws_route").values()
    assert route["route_table_id"] == Ref("aws_route_table", "public")
    assert route["gateway_id"] == Ref("aws_internet_gateway", "main")


@pytest.mark.G10
def test_a_service_runs_as_the_app_file_says(app: Make):
    """Size, port, command, variables, secrets and number of its tasks."""
    made = graph(
        app(
            HEAD + "secrets: {key: {generate: 32}}\n"
            "services: {api: {build: ./api, command: run fast, port: 8000, public: /, cpu: 0.5,"
            " memory: 2 GB, count: 3, uses: [key], env: {LEVEL: info}}}"
        )
    )
    task = one(made, "aws_ecs_task_definition", "api").body
    assert (task["cpu"], task["memory"]) == ("512", "2048")
    [container] = task["container_definitions"].value
    assert [port["containerPort"] for port in container["portMappings"]] == [8000]
    assert container["command"] == ["run", "fast"]
    assert {"name": "LEVEL", "value": "info"} in container["environment"]
    assert [row["name"] for row in container["secrets"]] == ["KEY"]
    service = one(made, "aws_ecs_service", "api").body
    assert (service["desired_count"], service["load_balancer"][0]["container_port"]) == (3, 8000)


@pytest.mark.G11
def test_a_range_follows_cpu_and_memory(app: Make):
    """Minimum, maximum, and a policy for each goal."""
    count = "{min: 2, max: 6, target: {cpu: 70%, memory: 80%}}"
    made = graph(app(HEAD + f"services: {{api: {{build: ./api, command: run, count: {count}}}}}"))
    target = one(made, "aws_appautoscaling_target", "api").body
    assert (target["min_capacity"], target["max_capacity"]) == (2, 6)
    goals = {}
    for policy in of_type(made, "aws_appautoscaling_policy").values():
        [row] = policy["target_tracking_scaling_policy_configuration"]
        [metric] = row["predefined_metric_specification"]
        goals[metric["predefined_metric_type"]] = row["target_value"]
    assert goals == {
        "ECSServiceAverageCPUUtilization": 70,
        "ECSServiceAverageMemoryUtilization": 80,
    }


@pytest.mark.G14
def test_a_repository_scans_and_forgets_images(app: Make):
    """Each build has one; tags are immutable, untagged images and all but a hundred go."""
    made = graph(app(HEAD + API % ""))
    repository = one(made, "aws_ecr_repository", "api").body
    assert repository["image_tag_mutability"] == "IMMUTABLE"
    assert repository["image_scanning_configuration"] == [{"scan_on_push": True}]
    rules = one(made, "aws_ecr_lifecycle_policy", "api").body["policy"].value["rules"]
    assert [rule["selection"]["countNumber"] for rule in rules] == [14, 100]


@pytest.mark.G19
def test_a_health_check_is_the_app_files(app: Make):
    """Path, interval, timeout, thresholds and codes; a host and a path are one rule."""
    health = "{path: /up, interval: 20 s, timeout: 9 s, healthy: 3, unhealthy: 4, codes: 200-204}"
    public = "{path: /v1, host: api.example.com}"
    service = f"build: ./api, command: run, port: 8000, public: {public}, health: {health}"
    domain = "edge: balancer\ndomain: example.com\n"
    made = graph(app(HEAD + domain + f"services: {{api: {{{service}}}}}"))
    [check] = one(made, "aws_lb_target_group", "api").body["health_check"]
    keys = ("path", "interval", "timeout", "healthy_threshold", "unhealthy_threshold", "matcher")
    assert [check[key] for key in keys] == ["/up", 20, 9, 3, 4, "200-204"]
    conditions = [row["condition"] for row in of_type(made, "aws_lb_listener_rule").values()]
    assert any(
        {"host_header": [{"values": ["api.example.com"]}]} in row
        and any("path_pattern" in c for c in row)
        for row in conditions
    )


@pytest.mark.G21
def test_a_domain_has_its_records_and_a_health_check(app: Make):
    """Both families of addresses for each host, and a check at the service's health path."""
    text = "domain: {name: example.com, www: true, health_check: true}\n"
    made = graph(app(HEAD + text + (API % "").replace("public:", "health: /up, public:")))
    records = of_type(made, "aws_route53_record").values()
    assert {(row["name"], row["type"]) for row in records if "alias" in row} == {
        (host, kind) for host in ("example.com", "www.example.com") for kind in ("A", "AAAA")
    }
    check = one(made, "aws_route53_health_check", "main").body
    assert (check["fqdn"], check["type"], check["resource_path"]) == ("example.com", "HTTPS", "/up")


@pytest.mark.G24
def test_a_database_is_private_encrypted_and_grows(app: Make):
    """Size, growth, standby, parameters, logs and insights are the app file's."""
    body = "class: db.t4g.medium, storage: 30 GB, max_storage: 90 GB, multi_az: true"
    body += ", backups: 35 days, logs: [postgresql, upgrade], insights: true"
    body += ", parameters: {work_mem: 8192}"
    made = graph(app(HEAD + API % "db" + f"databases: {{db: {{{body}}}}}"))
    found = one(made, "aws_db_instance", "db").body
    assert {key: found[key] for key in ("instance_class", "allocated_storage", "multi_az")} == {
        "instance_class": "db.t4g.medium", "allocated_storage": 30, "multi_az": True,
    }  # fmt: skip
    assert (found["max_allocated_storage"], found["backup_retention_period"]) == (90, 35)
    assert (found["storage_encrypted"], found["publicly_accessible"]) == (True, False)
    assert found["enabled_cloudwatch_logs_exports"] == ["postgresql", "upgrade"]
    assert found["performance_insights_enabled"] is True
    rows = one(made, "aws_db_parameter_group", "db").body["parameter"]
    assert {row["name"]: row["value"] for row in rows}["work_mem"] == "8192"


@pytest.mark.G28
def test_a_bucket_is_private_encrypted_and_forgets(app: Make):
    """Nothing public, encryption, TLS alone; versions and an end of objects where asked."""
    made = graph(app(HEAD + "buckets: {files: {versioned: true, expire: 30 days}}"))
    blocked = one(made, "aws_s3_bucket_public_access_block", "files").body
    assert [value for key, value in blocked.items() if key != "bucket"] == [True] * 4
    [rule] = one(made, "aws_s3_bucket_server_side_encryption_configuration", "files").body["rule"]
    assert rule["apply_server_side_encryption_by_default"] == [{"sse_algorithm": "AES256"}]
    versions = one(made, "aws_s3_bucket_versioning", "files").body["versioning_configuration"]
    assert versions == [{"status": "Enabled"}]
    rules = one(made, "aws_s3_bucket_lifecycle_configuration", "files").body["rule"]
    assert [r["expiration"] for r in rules if r["id"] == "old-objects"] == [[{"days": 30}]]
    [denied] = one(made, "aws_s3_bucket_policy", "files").body["policy"].value["Statement"]
    assert (denied["Effect"], "aws:SecureTransport" in str(denied["Condition"])) == ("Deny", True)


@pytest.mark.G38
def test_logs_are_kept_as_long_as_the_app_file_says(app: Make):
    """Of services, jobs and databases alike."""
    text = "logs: {retention: 90 days}\ndatabases: {db: {}}\n"
    job = "jobs: {nightly: {service: api, command: run, schedule: rate(1 day)}}\n"
    groups = of_type(graph(app(HEAD + API % "db" + text + job)), "aws_cloudwatch_log_group")
    assert {name: body["retention_in_days"] for name, body in groups.items()} == {
        "api": 90, "nightly": 90, "db": 90,
    }  # fmt: skip


@pytest.mark.G41
def test_a_dashboard_shows_what_serves_and_keeps_data(app: Make):
    """CPU and memory, requests and latency, connections of the database."""
    made = graph(app(HEAD + API % "db" + "databases: {db: {}}\ndashboard: true\n"))
    body = one(made, "aws_cloudwatch_dashboard", "main").body["dashboard_body"].value
    shown = {metric[1] for widget in body["widgets"] for metric in widget["properties"]["metrics"]}
    assert {"CPUUtilization", "MemoryUtilization", "RequestCount", "TargetResponseTime"} <= shown
    assert "DatabaseConnections" in shown


@pytest.mark.G47
def test_a_budget_says_what_is_spent_and_what_is_expected(app: Make):
    """Mails to the alarms' address at four fifths, at all of it, and at the forecast."""
    text = "budget: 100\nalarms: ops@example.com\n"
    budget = one(graph(app(HEAD + API % "" + text)), "aws_budgets_budget", "main").body
    assert budget["limit_amount"] == "100.0"
    assert [
        (row["notification_type"], row["threshold"], row["subscriber_email_addresses"])
        for row in budget["notification"]
    ] == [
        ("ACTUAL", 80, ["ops@example.com"]),
        ("ACTUAL", 100, ["ops@example.com"]),
        ("FORECASTED", 100, ["ops@example.com"]),
    ]
