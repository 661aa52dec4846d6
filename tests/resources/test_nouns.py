"""What each noun becomes: its things, its grants, its way through the network, its price."""

from __future__ import annotations

import pytest

from graphs import API, HEAD, Make, actions, one, refused, variables
from seatrial.cost.case import Traffic
from seatrial.model.rules.sizes import REGIONS
from seatrial.ops import cost
from seatrial.resources.catalog import graph
from seatrial.resources.graph import Ref
from seatrial.resources.risks import risks
from seatrial.terraform import document
from seatrial_emulator.facts import offered

SHARED = "services: {api: {build: ./api, command: run, count: 4, capacity: %s}}\n"


@pytest.mark.G24
def test_mysql_is_as_safe_as_postgres(app: Make):
    """TLS is forced by its own parameter, its logs are exported, its version is its own default."""
    made = graph(app(HEAD + API % "db" + "databases: {db: mysql}"))
    body = one(made, "aws_db_instance", "db").body
    assert (body["engine"], body["engine_version"], body["port"]) == ("mysql", "8.4", 3307)
    assert body["enabled_cloudwatch_logs_exports"] == ["error", "slowquery"]
    parameters = one(made, "aws_db_parameter_group", "db").body
    assert parameters["family"] == "mysql8.4"
    found = {row["name"]: row["value"] for row in parameters["parameter"]}
    assert found["require_secure_transport"] == "1"
    assert found["log_output"] == "FILE"
    assert one(made, "aws_cloudwatch_log_group", "db_slowquery")
    assert variables(made, "api")["DB_PORT"] == "3307"


def test_only_dynamic_parameters_change_at_once(app: Make):
    """RDS refuses to change static ones at once; what is not known to be dynamic waits."""
    text = "databases: {db: {parameters: {max_connections: 50, work_mem: 4096, new: 1}}}"
    rows = one(graph(app(HEAD + text)), "aws_db_parameter_group", "db").body["parameter"]
    assert {row["name"]: row["apply_method"] for row in rows} == {
        "rds.force_ssl": "pending-reboot",
        "max_connections": "pending-reboot",
        "work_mem": "immediate",
        "new": "pending-reboot",
    }


@pytest.mark.parametrize(
    ("domain", "all_hosts"),
    [("{name: example.com}", False), ("{name: app.example.com, zone_name: example.com}", True)],
)
def test_hsts_binds_no_host_of_somebody_else(app: Make, domain: str, all_hosts: bool):
    """At a zone's apex, `includeSubDomains` would bind every host of the customer's."""
    text = f"{HEAD}domain: {domain}\nsites: {{web: {{build: ./api}}}}\n"
    body = one(graph(app(text)), "aws_cloudfront_response_headers_policy", "web").body
    [hsts] = body["security_headers_config"][0]["strict_transport_security"]
    assert hsts["include_subdomains"] is all_hosts


def test_databases_are_not_enrolled_in_extended_support(app: Make):
    """Which is the API's default, and billed by vCPU and hour."""
    body = one(graph(app(HEAD + "databases: {db: {}}")), "aws_db_instance", "db").body
    assert body["engine_lifecycle_support"] == "open-source-rds-extended-support-disabled"


def test_a_group_of_parameters_is_of_one_version(app: Make):
    """So that another version's can be made while the instance has the old one."""
    names = []
    for version in ("16", "17"):
        made = graph(app(HEAD + f'databases: {{db: {{version: "{version}"}}}}'))
        group = one(made, "aws_db_parameter_group", "db").body
        assert group["lifecycle"] == [{"create_before_destroy": True}]
        names.append(group["name"])
    assert names == ["shop-dev-db-postgres16", "shop-dev-db-postgres17"]


def test_a_bucket_without_versions_keeps_no_markers(app: Make):
    """Suspended versioning leaves a marker for each deletion; new buckets have none at all."""
    made = graph(app(HEAD + "buckets: {plain: {}, kept: {versioned: true}}"))
    assert ("aws_s3_bucket_versioning", "plain") not in made.by_address
    assert ("aws_s3_bucket_versioning", "kept") in made.by_address
    for name in ("plain", "kept"):
        rules = one(made, "aws_s3_bucket_lifecycle_configuration", name).body["rule"]
        [markers] = [rule["expiration"] for rule in rules if rule["id"] == "old-markers"]
        assert markers == [{"expired_object_delete_marker": True}]


def test_the_firewall_lets_webhooks_of_other_clouds_pass(app: Make):
    """HostingProviderIPList names every cloud but AWS: it counts, and blocks nobody."""
    text = f"app: shop\nregion: us-east-1\nfirewall: true\n{API % ''}"
    rules = one(graph(app(text)), "aws_wafv2_web_acl", "main").body["rule"]
    [rule] = [rule for rule in rules if rule["name"] == "anonymous"]
    group = rule["statement"][0]["managed_rule_group_statement"][0]
    assert [row["name"] for row in group["rule_action_override"]] == ["HostingProviderIPList"]


@pytest.mark.parametrize(
    ("capacity", "expected"),
    [
        ("{base: 1, fargate: 0, spot: 3}", [("FARGATE", 1, 1), ("FARGATE_SPOT", 1000, 0)]),
        ("{base: 1, fargate: 1, spot: 3}", [("FARGATE", 1, 1), ("FARGATE_SPOT", 3, 0)]),
        ("spot", [("FARGATE_SPOT", 1, 0)]),
        ("fargate", [("FARGATE", 1, 0)]),
    ],
)
def test_every_capacity_provider_may_place_tasks(app: Make, capacity: str, expected: object):
    """ECS: a provider with the weight 0 places none, whatever its base says."""
    made = graph(app(HEAD + SHARED % capacity))
    rows = one(made, "aws_ecs_service", "api").body["capacity_provider_strategy"]
    assert [(r["capacity_provider"], r["weight"], r.get("base", 0)) for r in rows] == expected


@pytest.mark.parametrize("region", sorted(REGIONS))
def test_default_classes_are_offered_everywhere(app: Make, region: str):
    """Canada West has no db.t4g, the Middle East no cache.t4g: the default is the class before."""
    made = graph(
        app(f"app: shop\nregion: {region}\ndatabases: {{db: {{}}}}\ncaches: {{c: {{}}}}\n")
    )
    classes, nodes = offered.database_classes(region, "postgres"), offered.cache_nodes(region)
    assert one(made, "aws_db_instance", "db").body["instance_class"] in classes
    assert one(made, "aws_elasticache_replication_group", "c").body["node_type"] in nodes


def test_no_backup_outlives_its_database(app: Make):
    """Retained automated backups would be billed for 35 days; the final snapshot stays."""
    made = one(graph(app(HEAD + "databases: {db: {}}")), "aws_db_instance", "db")
    assert made.body["delete_automated_backups"] is True
    assert made.body["skip_final_snapshot"] is False


def test_a_finished_image_in_ecr_may_be_pulled(app: Make):
    """The execution role is granted the repository of the image, also another account's."""
    image = "210987654321.dkr.ecr.eu-west-1.amazonaws.com/team/proxy@sha256:" + "a" * 64
    made = graph(app(HEAD + f"services: {{proxy: {{image: '{image}'}}}}"))
    document = str(one(made, "aws_iam_role_policy", "proxy_execution_start").body["policy"])
    assert "arn:aws:ecr:eu-west-1:210987654321:repository/team/proxy" in document
    assert "ecr:GetAuthorizationToken" in document


def test_an_image_of_another_registry_needs_no_grant(app: Make):
    """ECR's actions are granted for ECR's images alone."""
    image = "ghcr.io/team/proxy@sha256:" + "a" * 64
    made = graph(app(HEAD + f"services: {{proxy: {{image: '{image}'}}}}"))
    document = str(one(made, "aws_iam_role_policy", "proxy_execution_start").body["policy"])
    assert "ecr:" not in document


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("databases: {db: {engine: mysql, version: 16}}", "appfile-engine-version"),
        ("databases: {db: {engine: mysql, logs: [postgresql]}}", "appfile-database-log"),
        ("caches: {c: {engine: redis, version: 8.0}}", "appfile-engine-version"),
        ("databases: {db: {engine: mysql, insights: true}}", "appfile-database-insights"),
        ("databases: {db: {storage: 50 GB, max_storage: 20 GB}}", "appfile-database-storage"),
        ("databases: {db: {storage: 50 GB, max_storage: 51 GB}}", "appfile-database-storage"),
        ("databases: {db: {parameters: {rds.force_ssl: 0}}}", "appfile-database-parameter"),
        ("queues: {q: {}}\nalarms: {cpu: 50%}", "appfile-alarms"),
        ("queues: {q: {}}\nbudget: 10", "appfile-alarms"),
        ("queues: {q: {}}\ndomain: example.com", "appfile-domain"),
        ("queues: {q: {}}\nfirewall: true", "appfile-edge"),
        ("sites: {web: {build: ./api, routes: {/api/*: nobody}}}", "appfile-site-route"),
        (API % "" + "sites: {web: {build: ./gone}}", "appfile-build"),
        (API % "" + "domain: {name: a.example.com, zone_name: other.com}", "appfile-domain"),
        (API % "q: read" + "queues: {q: {}}", "appfile-use"),
        ("queues: {q: {}}\ntags: {seatrial:app: x}", "appfile-name-reserved"),
        ("queues: {users: {}}", "appfile-name-reserved"),
        ("queues: {q: {}}\nterraform: [main.tf.json]", "appfile-terraform"),
        ("buckets: {b: {files: ../..}}", "appfile-build-outside"),
    ],
)
def test_what_aws_or_sense_refuses_is_refused(app: Make, text: str, code: str):
    """Each with its own code, before anything is made."""
    assert code in refused(app, HEAD + text)


def test_a_site_route_must_reach_its_service(app: Make):
    """The balancer decides by its own rules: a longer prefix of another service would win."""
    services = """services:
  api: {build: ./api, command: run, port: 8080, public: /}
  other: {build: ./api, command: run, port: 8080, public: /api}
"""
    site = "sites: {web: {build: ./api, routes: {/api/*: %s}}}"
    assert "appfile-site-route" in refused(app, HEAD + services + site % "api")
    assert app(HEAD + services + site % "other")


@pytest.mark.parametrize(
    "name", ["internal", "internal-tools", "sg-shop", "sthree-x", "a--b", "a-"]
)
def test_no_name_of_the_app_begins_as_aws_forbids(app: Make, name: str):
    """Balancers, security groups and buckets are named by the app, RDS takes single hyphens: AWS
    would refuse the names after minutes.
    """
    found = refused(app, f"app: {name}\nregion: us-east-1\n" + API % "")
    assert {"appfile-name-reserved", "appfile-pattern"} & set(found)


def test_cognitos_own_words_are_no_part_of_an_apps_name(app: Make):
    """They would be part of the sign-in page's name, which AWS refuses after minutes."""
    text = "app: my-aws-app\nregion: us-east-1\nusers: {}\n" + API % ""
    assert "appfile-name-reserved" in refused(app, text)


def test_a_queue_gives_what_its_use_says(app: Make):
    """Sending is not receiving; both only on this queue."""
    made = graph(app(HEAD + API % "orders: send, mail" + "queues: {orders: {}, mail: fifo}"))
    assert "sqs:ReceiveMessage" not in actions(made, "api_task_orders_send")
    assert {"sqs:SendMessage", "sqs:ReceiveMessage"} <= actions(made, "api_task_mail_full")
    assert variables(made, "api")["ORDERS_URL"] == Ref("aws_sqs_queue", "orders", "url")
    assert one(made, "aws_sqs_queue", "mail").body["name"] == "shop-dev-mail.fifo"
    redrive = one(made, "aws_sqs_queue", "orders").body["redrive_policy"].value
    assert redrive["deadLetterTargetArn"] == Ref("aws_sqs_queue", "orders_dead", "arn")


@pytest.mark.G30
def test_a_cache_is_reached_only_by_its_users(app: Make):
    """One rule in, from the service that uses it, to Redis's port; TLS and encryption are on."""
    made = graph(app(HEAD + API % "cache" + "caches: {cache: valkey}"))
    rule = one(made, "aws_vpc_security_group_ingress_rule", "cache_from_api").body
    assert (rule["from_port"], rule["referenced_security_group_id"].name) == (6379, "api")
    body = one(made, "aws_elasticache_replication_group", "cache").body
    assert body["transit_encryption_enabled"]
    assert body["at_rest_encryption_enabled"]


@pytest.mark.G12
def test_spot_and_base_are_shared_out(app: Make):
    """The base runs on Fargate, the rest by weights; the estimate counts whole tasks."""
    text = (HEAD + API % "").replace("port:", "count: 5, capacity: {base: 1, spot: 3}, port:")
    made = graph(app(text))
    assert one(made, "aws_ecs_service", "api").body["capacity_provider_strategy"] == [
        {"capacity_provider": "FARGATE", "weight": 1, "base": 1},
        {"capacity_provider": "FARGATE_SPOT", "weight": 3},
    ]
    hours = {
        line.item: line.quantity for line in cost.estimate(app(text)).lines if "vCPU" in line.item
    }
    assert hours == {"Fargate: vCPU": 2 * 730 * 0.25, "Fargate Spot: vCPU": 3 * 730 * 0.25}


@pytest.mark.G23
def test_everything_public_is_behind_the_firewall(app: Make):
    """Distributions of services and sites carry the web ACL; a public balancer is tied to it."""
    cdn = graph(app(HEAD + API % "" + "firewall: true\nsites: {web: ./api}"))
    acl = Ref("aws_wafv2_web_acl", "main", "arn")
    for name in ("main", "web"):
        assert one(cdn, "aws_cloudfront_distribution", name).body["web_acl_id"] == acl
    edge = "edge: {kind: balancer, insecure: true}\nfirewall: true"
    balancer = graph(app(HEAD + API % "" + edge))
    assert one(balancer, "aws_wafv2_web_acl", "main").body["scope"] == "REGIONAL"
    assert one(balancer, "aws_wafv2_web_acl_association", "main").body["web_acl_arn"] == acl


@pytest.mark.G19
def test_a_domain_makes_a_public_balancer_speak_https(app: Make):
    """Port 443 with the certificate, and port 80 only leads there; production accepts it."""
    text = HEAD + API % "" + "edge: balancer\nprofile: production\ndomain: {name: example.com}"
    made = graph(app(text))
    listener = one(made, "aws_lb_listener", "main").body
    assert (listener["port"], listener["protocol"]) == (443, "HTTPS")
    redirect = one(made, "aws_lb_listener", "redirect").body["default_action"][0]
    assert redirect["redirect"][0]["protocol"] == "HTTPS"
    assert variables(made, "api")["PUBLIC_URL"].parts == ("https://example.com",)


def test_the_one_site_is_the_apps_address(app: Make):
    """PUBLIC_URL is the site's; with a domain the site has it, and not the services."""
    text = HEAD + API % "" + "sites: {web: ./api}\n"
    plain = variables(graph(app(text)), "api")["PUBLIC_URL"]
    assert plain.parts[1] == Ref("aws_cloudfront_distribution", "web", "domain_name")
    named = graph(app(text + "domain: {name: example.com, www: true}"))
    hosts = one(named, "aws_cloudfront_distribution", "web").body["aliases"]
    assert hosts == ["example.com", "www.example.com"]
    assert one(named, "aws_cloudfront_distribution", "main").body.get("aliases") is None


def test_what_cloudfront_uses_lives_in_its_region(app: Make):
    """Certificate and web ACL have the other provider, and only outside that region."""
    text = HEAD + API % "" + "domain: example.com\nfirewall: true"
    assert len(document.documents(graph(app(text)))["foundation"]["provider"]["aws"]) == 1
    abroad = document.documents(graph(app(text.replace("us-east-1", "eu-west-1"))))["foundation"]
    assert [row["region"] for row in abroad["provider"]["aws"]] == ["eu-west-1", "us-east-1"]
    for kind in ("aws_acm_certificate", "aws_wafv2_web_acl"):
        assert abroad["resource"][kind]["main"]["provider"] == "aws.global"


@pytest.mark.G40
def test_every_noun_has_an_alarm_that_tells_somebody(app: Make):
    """Services, databases, caches and queues; each alarm has the topic as its action."""
    uses = HEAD + API % "db, cache, q"
    text = "databases: {db: {}}\ncaches: {cache: {}}\nqueues: {q: {}}\nalarms: ops@example.com"
    made = graph(app(uses + text))
    alarms = [r for r in made.resources if r.type == "aws_cloudwatch_metric_alarm"]
    nouns = {"services.api", "databases.db", "caches.cache", "queues.q", "edge"}
    assert {r.noun for r in alarms} == nouns
    assert all(r.body["alarm_actions"] == [Ref("aws_sns_topic", "alarms", "arn")] for r in alarms)
    assert len({r.body["alarm_name"] for r in alarms}) == len(alarms)


@pytest.mark.G40
def test_an_alarm_on_what_may_be_gone_takes_silence_as_bad(app: Make):
    """No task, no healthy target: AWS sends nothing then. A service that may have no task is not
    watched for it.
    """

    def silent(count: str) -> set[str]:
        api = f"api: {{build: ./api, command: run, port: 8000, public: /, count: {count}}}"
        made = graph(app(HEAD + f"services: {{{api}}}\nalarms: ops@example.com"))
        rows = [r for r in made.resources if r.type == "aws_cloudwatch_metric_alarm"]
        return {r.name for r in rows if r.body["treat_missing_data"] == "breaching"}

    assert silent("1") == {"api_running", "api_healthy"}
    assert silent("{min: 0, max: 0}") == set()


@pytest.mark.G19
@pytest.mark.G9
def test_logs_of_accesses_and_refusals_are_productions(app: Make):
    """In one bucket that only AWS's delivery may write; development has none unless it asks."""
    plain = graph(app(HEAD + API % ""))
    assert ("aws_flow_log", "main") not in plain.by_address
    careful = graph(app(HEAD + API % "" + "profile: production"))
    assert one(careful, "aws_flow_log", "main").body["traffic_type"] == "REJECT"
    assert one(careful, "aws_lb", "main").body["access_logs"][0]["enabled"]
    policy = one(careful, "aws_s3_bucket_policy", "access_logs").body["policy"].value
    allowed = [row for row in policy["Statement"] if row["Effect"] == "Allow"]
    assert {row["Principal"]["Service"] for row in allowed} == {
        "delivery.logs.amazonaws.com",
        "logdelivery.elasticloadbalancing.amazonaws.com",
    }


@pytest.mark.G33
def test_users_sign_in_by_code_and_keep_their_accounts(app: Make):
    """No implicit flow, no plain passwords, no secret in the browser; production keeps the pool."""
    text = HEAD + API % "users: admin" + "users: {mfa: required}\nprofile: production"
    made = graph(app(text))
    client = one(made, "aws_cognito_user_pool_client", "users").body
    assert client["allowed_oauth_flows"] == ["code"]
    assert client["explicit_auth_flows"] == ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"]
    assert client["generate_secret"] is False
    pool = one(made, "aws_cognito_user_pool", "users").body
    assert (pool["mfa_configuration"], pool["password_policy"][0]["minimum_length"]) == ("ON", 12)
    assert pool["deletion_protection"].text == 'var.teardown ? "INACTIVE" : "ACTIVE"'
    assert actions(made, "api_task_users_admin") >= {"cognito-idp:ListUsers"}
    assert set(variables(made, "api")) >= {"USERS_POOL_ID", "USERS_CLIENT_ID", "USERS_ISSUER"}


@pytest.mark.G57
def test_risks_are_read_from_what_is_generated(app: Make):
    """Also what a patch opens; development is not blamed for being cheap."""
    text = HEAD + API % "db" + "databases: {db: {backups: 3 days}}\n"
    found = risks(graph(app(text)), production=False)
    assert found == ("databases.db: backups are kept for less than a week",)
    careful = risks(graph(app(text + "profile: production")), production=True)
    assert any("a lost zone" in risk for risk in careful)
    assert any("no one is notified" in risk for risk in careful)
    patch = "terraform: {patches: {aws_db_instance.db: {publicly_accessible: true}}}"
    opened = risks(graph(app(text + patch)), production=False)
    assert "databases.db: the database can be reached from the internet" in opened
    plain = API % "" + "edge: {kind: balancer, insecure: true}"
    assert any("plain HTTP" in risk for risk in risks(graph(app(HEAD + plain)), production=False))


def test_every_noun_has_a_price(app: Make):
    """What is used is counted; nothing raises; each price says where it comes from."""
    nouns = """sites: {web: ./api}
databases: {db: mysql}
caches: {cache: {replicas: 1}}
queues: {q: {}}
users: {}
firewall: true
domain: {name: example.com, zone: create, health_check: true}
alarms: ops@example.com
dashboard: true
budget: 100
"""
    found = cost.estimate(app(HEAD + API % "" + nouns), Traffic(users=12, messages=2, requests=3))
    sums = {line.item: line.monthly for line in found.lines}
    assert sums["cache.t4g.micro, valkey, 2 nodes"] == round(2 * 730 * 0.0128, 2)
    assert sums["active users beyond 10,000"] == 30.0
    assert sums["messages"] == 2.0  # six million calls, one of them free
    assert sums["requests looked at"] == 1.8
    assert sums["web ACL"] + sums["rules"] == 10.0
    assert sums["dashboard"] == 3.0
    assert all(line.source for line in found.lines)
