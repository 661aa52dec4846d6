"""The login of a database that can only read: its secret, and the task that makes it.

RDS makes one login. This one takes SQL, and the database is private: so a task in the VPC runs it,
with PostgreSQL's own image, as the owner. ``ops.database_logins`` starts it (decision 0023).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatrial.model.reader import address, reader
from seatrial.resources import access, network, reach, secret, task
from seatrial.resources.context import Context, foundation
from seatrial.resources.environment import Environment
from seatrial.resources.graph import Expr, Json, Ref, Resource, joined
from seatrial.resources.kind import Value

USER = "app_reader"
PENDING = "AWSPENDING"  # the version whose password the task gives; it becomes the current one then
# Docker's official image in Amazon's public registry; psql works with servers older than itself.
IMAGE = "public.ecr.aws/docker/library/postgres:17-alpine"
# Times bound what one statement may hold up. The owner of a database on RDS may set no limit of
# temporary files for a role: that is the parameter `temp_file_limit` (RDS user guide).
SETTINGS = {
    "default_transaction_read_only": "on",
    "statement_timeout": "30s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "60s",
    "max_parallel_workers_per_gather": "0",
}
# psql reads the password from its environment (getenv): it is in no list of processes. What the
# owner makes later can be read too, by its default privileges.
SQL = f"""\\getenv password READER_PASSWORD
SELECT 'CREATE ROLE {USER}' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{USER}') \\gexec
ALTER ROLE {USER} LOGIN NOCREATEDB NOCREATEROLE PASSWORD :'password';
{chr(10).join(f"ALTER ROLE {USER} SET {k} = '{v}';" for k, v in SETTINGS.items())}
SELECT format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database()) \\gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO {USER}', current_database()) \\gexec
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO {USER};
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {USER};
SELECT format('GRANT USAGE ON SCHEMA %I TO {USER}', nspname) FROM pg_namespace
  WHERE nspname !~ '^(pg_|information_schema$)' AND pg_has_role(nspowner, 'USAGE') \\gexec
SELECT format('GRANT SELECT ON %s TO {USER}', c.oid::regclass) FROM pg_class c
  JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname !~ '^(pg_|information_schema$)'
  AND relkind IN ('r', 'p', 'v', 'm', 'f') AND pg_has_role(relowner, 'USAGE') \\gexec
"""
COMMAND = ["sh", "-ec", f"psql -X -q -v ON_ERROR_STOP=1 <<'END'\n{SQL}END"]


def build(
    context: Context, owner: str, noun: str, port: int, plain: dict[str, Value]
) -> Iterator[Resource]:
    """Yield what the login takes; ``plain`` are psql's variables but for the passwords.

    ``owner`` is the noun as the app file places it.
    """
    name = address(noun)
    yield foundation(
        owner,
        "aws_secretsmanager_secret",
        name,
        name=context.secret(f"{noun}/reader"),
        description=f"how to read the database {noun}",
        recovery_window_in_days=Expr(f"var.teardown ? 0 : {7 if context.production else 0}"),
    )
    yield foundation(
        owner,
        "aws_cloudwatch_log_group",
        name,
        name=f"/{context.app.app}/{context.app.environment}/{noun}/reader",
        retention_in_days=context.app.logs.retention,
    )
    yield foundation(
        owner,
        "aws_security_group",
        name,
        vpc_id=network.VPC,
        name=context.name("security group", reader(noun)),
        description=f"the task that makes the reader of {noun}",
    )
    yield reach.to_internet(owner, name, 443, "", "HTTPS out")
    yield from reach.pair(owner, name, noun, port)
    role = f"{name}_execution"
    yield access.role(context, owner, role, access.trust(context, "ecs-tasks", "ecs"))
    yield access.grant(owner, role, "start", access.policy(*_start(noun)))
    yield _definition(context, owner, noun, plain)


def _start(noun: str) -> Iterator[dict[str, Any]]:
    group = Ref("aws_cloudwatch_log_group", address(noun), "arn")
    secrets = (Ref("aws_secretsmanager_secret", each, "arn") for each in (noun, address(noun)))
    yield access.allow(
        ("logs:CreateLogStream", "logs:PutLogEvents"), joined(group, ":log-stream:*"), sid="Logs"
    )
    yield access.allow("secretsmanager:GetSecretValue", *secrets, sid="Secrets")


def _definition(context: Context, owner: str, noun: str, plain: dict[str, Value]) -> Resource:
    name = address(noun)
    given = Environment(
        plain,
        {
            "PGPASSWORD": secret.part(noun, "password"),
            "READER_PASSWORD": secret.part(name, "password", PENDING),
        },
    )
    made = task.container(
        context, reader(noun), image=IMAGE, given=given, group=name, stream="reader"
    )
    return foundation(
        owner,
        "aws_ecs_task_definition",
        name,
        family=task.family(context, reader(noun)),
        requires_compatibilities=["FARGATE"],
        network_mode="awsvpc",
        cpu="256",
        memory="512",
        execution_role_arn=Ref("aws_iam_role", f"{name}_execution", "arn"),
        volume=[{"name": "tmp"}],
        skip_destroy=True,
        container_definitions=Json([made | {"command": COMMAND}]),
    )
