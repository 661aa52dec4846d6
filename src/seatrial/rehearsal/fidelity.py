"""What a rehearsal shows of AWS, what it does not, and the test that keeps each row true.

The one table behind docs/fidelity.md and behind the list in every report. Pure data.
"""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.model.app import App
from seatrial.rehearsal import bedrock
from seatrial.rehearsal.behaviour import Behaviour

_DECIDE = "tests/emulator/test_service_scheduler.py::"
_WORLD = "tests/fidelity/test_ecs.py::"
_CONTAINERS = "tests/end_to_end/test_containers.py::"
_SHOP = "tests/end_to_end/test_shop.py::"
_TRIAL = "tests/trial/test_trial.py::"

TABLE = (
    Behaviour(
        "Values that AWS refuses",
        "a call whose values its model does not allow is refused: required, enum, pattern, length",
        "botocore's models of the services (AWS's own)",
        "the same for every call but those of S3, whoever makes it, in AWS's words",
        "tests/emulator/test_validation.py::test_what_aws_refuses_is_refused",
        sources=("model", "table"),
    ),
    Behaviour(
        "Values in generated documents",
        "enums, patterns, ranges, instance classes and engine versions of the app's region",
        "CloudFormation's resource schemas, by region, as cfn-lint has them (2026-10-20)",
        "each literal is checked by `check`, `plan`, `up` and `deploy` before anything runs",
        "tests/schemas/test_check.py::test_a_literal_that_aws_refuses_is_found",
        sources=("model", "table"),
    ),
    Behaviour(
        "Identifiers that AWS manages",
        "policies of CloudFront, rule groups of WAF, TLS policies, managed IAM policies",
        "aws-cdk-lib's constants; the services' developer guides",
        "those that AWS has; any other is refused",
        "tests/emulator/test_managed_identifiers.py::test_what_we_generate_is_managed_by_aws",
        sources=("table",),
    ),
    Behaviour(
        "Rolling deployment",
        "old tasks serve until new ones are healthy, within minimum and maximum healthy percent",
        "ECS developer guide, Deploy Amazon ECS services by replacing tasks",
        "the same arithmetic, as one pure function over what is seen",
        _DECIDE + "test_a_rolling_deployment_stays_between_minimum_and_maximum_percent",
    ),
    Behaviour(
        "Circuit breaker",
        "half of the desired count, 3 to 200 failed tasks; a task that turns healthy "
        "sets the count back; then the last completed deployment is rolled back to",
        "ECS developer guide, How the Amazon ECS deployment circuit breaker detects failures",
        "the same",
        _DECIDE + "test_a_broken_release_always_ends_on_the_completed_deployment",
    ),
    Behaviour(
        "Replacing an unhealthy task",
        "its replacement starts first where the maximum percent leaves room",
        "ECS API reference, DeploymentConfiguration",
        "the same",
        _DECIDE + "test_an_unhealthy_task_is_replaced_only_after_the_grace_period",
    ),
    Behaviour(
        "Pauses between failing starts",
        "they grow, to 15 minutes at most",
        "ECS developer guide, Amazon ECS service throttle logic",
        "10, 20, 40 ... 900 s, divided by the pace; AWS does not publish the steps",
        _DECIDE + "test_launches_pause_after_failed_starts",
    ),
    Behaviour(
        "Draining, SIGTERM, SIGKILL",
        "a target drains for the deregistration delay; the program has its stop timeout",
        "ECS developer guide, Task lifecycle",
        "the same; the pace divides the delay, never the stop timeout",
        _DECIDE + "test_a_stopping_task_drains_then_gets_sigterm_then_sigkill",
    ),
    Behaviour(
        "Service deployments",
        "listed, described with the breaker's count, stopped with or without a rollback",
        "ECS API reference, ListServiceDeployments, StopServiceDeployment",
        "the same; lifecycle stages, alarms of deployments and bake time are not there",
        _WORLD + "test_a_deployment_can_be_stopped",
    ),
    Behaviour(
        "Waiting for a service",
        "`services-stable` says stable after a rollback as well",
        "AWS CLI reference, ecs wait services-stable",
        "the same",
        _WORLD + "test_services_stable_tells_nothing_of_a_rollback",
    ),
    Behaviour(
        "Stopped tasks",
        "stop code, stopped reason, exit code, time stamps; listed apart from running ones",
        "ECS developer guide, Stopped tasks error messages",
        "AWS's words for the causes in `seatrial faults`; forty stopped tasks are kept",
        _WORLD + "test_a_stopped_task_says_why",
    ),
    Behaviour(
        "Health checks",
        "so many answers in a row change a target's state; the grace period forgives",
        "ELB user guide, Health checks for your target groups",
        "the same; the pace divides the pauses between probes, not the time a program has to start",
        "tests/emulator/test_routing_and_health.py::test_a_target_changes_state_after_consecutive_health_checks",
    ),
    Behaviour(
        "Fail open",
        "with no healthy target, unhealthy ones get requests",
        "ELB user guide, Target group health",
        "the same; new targets only where there is no other",
        "tests/emulator/test_routing_and_health.py::test_without_healthy_targets_all_targets_get_requests",
    ),
    Behaviour(
        "The balancer's own errors",
        "502, 503, 504 with its pages; sticky sessions; WebSockets; its and CloudFront's headers "
        "and limits (400 to 414)",
        "ELB user guide, Troubleshoot your Application Load Balancers; CloudFront developer guide, "
        "Request and response behavior for custom origins",
        "the same; requests are counted for CloudWatch; `Location` to the app's HTTPS stays here",
        "tests/emulator/test_network.py::test_errors_are_an_albs_own",
    ),
    Behaviour(
        "Autoscaling",
        "target tracking: out after 3 minutes above the target, in after 15 below nine tenths",
        "Application Auto Scaling user guide, Target tracking scaling policies",
        "the same on CPU and memory really used, in minutes divided by the pace; real tasks start, "
        "while the machine has CPU for them (else a note says what AWS would do)",
        "tests/emulator/test_scaling.py::test_three_minutes_above_the_target_scale_out",
    ),
    Behaviour(
        "Metrics",
        "what a service, its targets and a database send, a point each minute",
        "ECS developer guide, Amazon ECS CloudWatch metrics; RDS user guide, Amazon CloudWatch "
        "metrics for Amazon RDS",
        "ECS's, the balancer's, RDS's CPU and connections, each minute divided by the pace; a "
        "response time is the mean of a minute, and a percentile one of those",
        "tests/end_to_end/test_notes.py::test_metrics_and_the_databases_log_are_read",
        missing="metrics of caches, queues, tables and disks",
    ),
    Behaviour(
        "Alarms",
        "periods, data points to alarm, missing data",
        "CloudWatch user guide, Evaluating an alarm",
        "single metrics with plain statistics are judged by the minute; actions are not taken",
        "tests/emulator/test_scaling.py::test_missing_data_is_treated_as_the_alarm_says",
        missing="actions of alarms, metric math, composite alarms",
    ),
    Behaviour(
        "Roles and grants",
        "action and resource of every request; the trust of roles",
        "IAM user guide, Policy evaluation logic",
        "the same for S3, Secrets Manager, SSM, KMS, SQS, SNS, Logs, ECS, Cognito, Bedrock",
        "tests/emulator/test_iam.py::test_a_grant_holds_for_its_resource_and_action_alone",
        missing="IAM conditions, service quotas, bucket policies' conditions",
    ),
    Behaviour(
        "Security groups and routes",
        "what no rule allows does not connect",
        "VPC user guide, Security group rules",
        "the same, by reference and by network; the report names the rule that is missing",
        "tests/end_to_end/test_hello.py::test_missing_security_group_rule_fails_as_on_aws",
        missing="NAT gateways and their limits",
    ),
    Behaviour(
        "Secrets",
        "injected with the execution role when a task starts",
        "ECS developer guide, Pass Secrets Manager secrets, Pass Systems Manager parameters",
        "the same; those that exist already are made, with a value set for rehearsals",
        _TRIAL + "test_injected_faults_are_detected_and_rolled_back",
    ),
    Behaviour(
        "Snapshot and restore",
        "a snapshot is the volume at one moment; a restored instance is a new one beside the old",
        "RDS user guide, Creating a DB snapshot, Restoring to a DB instance",
        "the same with PostgreSQL's real files and, for a moment, its archived log (on AWS up to "
        "five minutes ago); seconds, not minutes; gone after `down`",
        _TRIAL + "test_trial_of_notes_passes_every_step",
        missing="read replicas, Multi-AZ failover, RDS's own start after seven stopped days",
    ),
    Behaviour(
        "Password of a database",
        "takes effect some time after it was accepted",
        "RDS API reference, ModifyDBInstance",
        "the same",
        "tests/emulator/test_patches.py::test_each_database_has_its_own_resource_id",
    ),
    Behaviour(
        "A login that only reads",
        "made by a task of PostgreSQL's official image, in the VPC, as the database's owner",
        "ECS developer guide, Pass Secrets Manager secrets (a version's stage)",
        "the same task runs this machine's psql; the pending password reaches it as an ECS secret",
        "tests/end_to_end/test_reader_login.py::test_the_reader_reads_and_its_password_rotates",
    ),
    Behaviour(
        "A lost database host",
        "the instance restarts by itself",
        "RDS user guide, DB instance status",
        "the same, in less than a second",
        _TRIAL + "test_trial_of_notes_passes_every_step",
    ),
    Behaviour(
        "Migrations, jobs, one-off tasks",
        "RunTask with the service's network and role; schedules by cron and rate",
        "ECS API reference, RunTask; EventBridge Scheduler user guide",
        "the same",
        "tests/emulator/test_routing_and_health.py::test_a_cron_expression_matches_its_minutes",
    ),
    Behaviour(
        "Memory of a task",
        "a task over its memory is killed: OutOfMemoryError, exit code 137",
        "ECS developer guide, Stopped tasks error messages",
        "looked at once a second; a peak between two looks is not seen",
        _TRIAL + "test_injected_faults_are_detected_and_rolled_back",
    ),
    Behaviour(
        "Images",
        "built, pushed, pulled by digest",
        "ECR user guide",
        "a snapshot of the build's folder under a real manifest; Dockerfile's RUN lines are "
        "listed. With `--engine`: built, pushed and pulled over the registry's own protocol",
        _CONTAINERS + "test_containers_run_with_fargates_user_limits_and_filesystem",
        missing="building and pulling images, CPU architecture, image size (programs run in place)",
        in_containers=True,
    ),
    Behaviour(
        "CPU of a task",
        "limited to the task's size",
        "ECS developer guide, Task size",
        "measured against the task's size, not limited; limited with `--engine`",
        _CONTAINERS + "test_containers_run_with_fargates_user_limits_and_filesystem",
        missing="CPU limits of tasks",
        in_containers=True,
    ),
    Behaviour(
        "Root file system",
        "read-only but for /tmp",
        "ECS developer guide, readonlyRootFilesystem",
        "the build's folder is read-only (isolated sandbox), else the machine's files, as the user "
        "may see them; with `--engine` the image's, /tmp root's alone where not declared",
        _CONTAINERS + "test_containers_run_with_fargates_user_limits_and_filesystem",
        missing="read-only files outside the build's folder",
        in_containers=True,
    ),
    Behaviour(
        "The edge",
        "CloudFront: HTTPS, caching, geography",
        "CloudFront developer guide",
        "plain HTTP on 127.0.0.1 with CloudFront's headers; PUBLIC_URL does not resolve here",
        "tests/end_to_end/test_hello.py::test_app_answers_through_cdn_and_balancer",
        missing="HTTPS at the edge, caching and geography of CloudFront",
    ),
    Behaviour(
        "MySQL",
        "MySQL 8 with `require_secure_transport`",
        "RDS user guide, MySQL on Amazon RDS",
        "MariaDB's SQL and protocol; who does not ask for TLS is refused in AWS's words; "
        "snapshots, and a moment to the second",
        _SHOP + "test_mysql_refuses_connections_without_tls",
        missing="MySQL itself (MariaDB stands for it)",
        sections=("mysql",),
    ),
    Behaviour(
        "Caches",
        "Valkey or Redis, TLS from the first byte, in private subnets",
        "ElastiCache user guide, In-transit encryption",
        "redis-server (or valkey-server) behind TLS; one node, whose loss empties it",
        _SHOP + "test_killed_cache_restarts_empty",
        missing="replicas, failover and parameters of caches",
        sections=("caches",),
    ),
    Behaviour(
        "Queues",
        "visibility, redelivery, dead-letter queues, first in first out",
        "SQS developer guide, Visibility timeout, Dead-letter queues",
        "the same, by moto; grants are enforced",
        _SHOP + "test_order_goes_through_database_queue_worker_and_cache",
    ),
    Behaviour(
        "Tables",
        "items by key and index, conditions, time to live, point-in-time recovery",
        "DynamoDB developer guide, Core components of Amazon DynamoDB",
        "the same requests, by moto; grants are enforced; items are gone after `down`",
        "tests/end_to_end/test_apply.py::test_a_table_takes_items_and_finds_them",
        missing="expiry of items, recovery and throttling of tables",
        sections=("tables",),
    ),
    Behaviour(
        "Topics",
        "each message to every subscriber: mails, posts to HTTPS addresses, queues",
        "SNS developer guide, Message delivery protocols",
        "queues really get it, by moto; grants are enforced, a queue's policy is not judged",
        "tests/end_to_end/test_apply.py::test_a_published_message_arrives_in_the_queue",
        missing="mails and posts of topics",
        sections=("topics",),
    ),
    *bedrock.ROWS,
    Behaviour(
        "Sites",
        "a private bucket read by its distribution alone; routes to services; response headers",
        "CloudFront developer guide, Restrict access to an Amazon S3 origin",
        "the same; nothing is cached here, and the function's code is recognised, not run",
        _SHOP + "test_site_files_are_read_by_its_distribution_only",
        missing="CloudFront functions (recognised, not run)",
        sections=("sites",),
    ),
    Behaviour(
        "Tokens of users",
        "signed with the pool's keys, which its issuer publishes",
        "Cognito developer guide, Verifying JSON web tokens",
        "the same, over HTTPS at the issuer's name (not in the loopback sandbox)",
        "tests/end_to_end/test_user_pool.py::test_token_is_verified_with_the_issuers_keys",
    ),
    Behaviour(
        "Domain, firewall, users",
        "DNS and certificates; WAF's rules; Cognito's sign-in page",
        "Route 53, AWS WAF and Cognito developer guides",
        "made, planned and destroyed; no name resolves, nothing is blocked, and of sign-in there "
        "is the API alone",
        "tests/end_to_end/test_apply.py::test_every_noun_is_applied_planned_empty_and_destroyed",
        missing="DNS, certificates, the firewall's rules, Cognito's sign-in page",
        sections=("domain", "firewall", "users"),
    ),
    Behaviour(
        "Spot",
        "AWS may end a task with two minutes' warning",
        "ECS developer guide, Fargate Spot termination notices",
        "the same tasks as on Fargate",
        missing="interruptions of Spot tasks",
        sections=("spot",),
    ),
    Behaviour(
        "Large objects",
        "S3 takes and gives any size",
        "S3 user guide, Multipart upload limits",
        "streamed; one part, and a PUT without parts, lies in memory once",
        "tests/emulator/test_s3.py::test_a_large_object_is_streamed_and_not_held_in_memory",
    ),
    Behaviour(
        "Versions of objects",
        "kept until their lifecycle ends",
        "S3 user guide, Using versioning",
        "kept while the rehearsal runs; the newest outlive `down`",
        "tests/emulator/test_s3.py::test_objects_and_secret_values_survive_a_restart",
    ),
    Behaviour(
        "Throttling",
        "SDKs are refused and try again",
        "AWS SDKs and tools reference guide, Retry behavior",
        "on demand (`throttled-api`); never by itself",
        "tests/emulator/test_api_failures.py::test_sdks_retry_throttled_requests",
    ),
    Behaviour(
        "Time",
        "RDS in minutes, a task in a minute",
        "public Terraform logs, collected November 2026",
        "seconds; `--pace` divides the pauses AWS imposes, never a limit on the app",
        missing="AWS's own times",
    ),
)


def not_shown(*, containers: bool = False) -> tuple[str, ...]:
    """Return what a rehearsal does not show, a sentence each; with or without ``containers``."""
    return tuple(
        row.missing for row in TABLE if row.missing and not (containers and row.in_containers)
    )


def of_others(sections: frozenset[str]) -> frozenset[str]:
    """Return what is not shown but concerns only sections that an app does not have."""
    return frozenset(
        row.missing for row in TABLE if row.sections and not sections & set(row.sections)
    )


def not_rehearsed(
    app: App, not_shown: Sequence[str], placeholders: Sequence[str]
) -> tuple[str, ...]:
    """Return what a report of this app lists: its own gaps, then secrets with placeholders."""
    others = of_others(app.sections)
    secrets = [f"secret {noun}: placeholder value in use" for noun in dict.fromkeys(placeholders)]
    return (*(text for text in not_shown if text not in others), *secrets)
