"""A database: private, encrypted, TLS forced, its password kept in a secret of ours.

RDS is created with a random password that nobody keeps; the first deploy rotates it (decision
0003). So no value of a secret ever passes through Terraform.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.model.database import Database
from seatrial.resources.context import ZONES, Context, foundation
from seatrial.resources.graph import Expr, Ref, Resource, joined
from seatrial.resources.network import VPC

PORT = 5433  # not the default: AWS Foundational Security Best Practices, RDS.23
OWNER = "app_owner"  # never admin or postgres: RDS.24, RDS.25

# Words RDS refuses as a database's name, beside PostgreSQL's reserved key words (RDS user
# guide, "Settings for DB instances"; PostgreSQL documentation, appendix C, reserved).
RESERVED = frozenset(
    [
        "all",
        "analyse",
        "analyze",
        "and",
        "any",
        "array",
        "as",
        "asc",
        "asymmetric",
        "authorization",
        "binary",
        "both",
        "case",
        "cast",
        "catalog",
        "check",
        "collate",
        "collation",
        "column",
        "concurrently",
        "constraint",
        "create",
        "cross",
        "current_catalog",
        "current_date",
        "current_role",
        "current_schema",
        "current_time",
        "current_timestamp",
        "current_user",
        "db",
        "default",
        "deferrable",
        "desc",
        "distinct",
        "do",
        "else",
        "end",
        "except",
        "false",
        "fetch",
        "flag",
        "for",
        "foreign",
        "freeze",
        "from",
        "full",
        "grant",
        "group",
        "having",
        "identity",
        "ilike",
        "in",
        "initially",
        "inner",
        "intersect",
        "into",
        "is",
        "isnull",
        "join",
        "lateral",
        "leading",
        "left",
        "like",
        "limit",
        "localtime",
        "localtimestamp",
        "mysql",
        "natural",
        "not",
        "notnull",
        "null",
        "offset",
        "on",
        "only",
        "or",
        "order",
        "outer",
        "overlaps",
        "placing",
        "postgres",
        "primary",
        "rdsadmin",
        "references",
        "returning",
        "right",
        "select",
        "session_user",
        "similar",
        "some",
        "symmetric",
        "system_user",
        "table",
        "tablesample",
        "template0",
        "template1",
        "then",
        "to",
        "trailing",
        "true",
        "union",
        "unique",
        "user",
        "using",
        "variadic",
        "verbose",
        "when",
        "where",
        "window",
        "with",
    ]
)


def database_name(app: str) -> str:
    """Return the name of the database inside the instance: the app's, as SQL can say it."""
    plain = app.replace("-", "_")
    return f"{plain}_db" if plain in RESERVED else plain


def attribute(context: Context, noun: str, name: str) -> str | Ref:
    """Return a plain attribute of a database; secret values are ``secret_part``."""
    match name:
        case "host":
            return Ref("aws_db_instance", noun, "address")
        case "port":
            return str(PORT)
        case "name":
            return database_name(context.app.app)
        case "user":
            return OWNER
        case "sslmode":
            return "require"
        case "secret_arn":
            return Ref("aws_secretsmanager_secret", noun, "arn")
        case _:
            raise ValueError(f"a database has no plain attribute {name}")


def build(context: Context) -> Iterator[Resource]:
    """Yield every database with its network, parameters, log group and secret."""
    if not context.app.databases:
        return
    yield foundation(
        "databases",
        "aws_db_subnet_group",
        "main",
        name=context.name("database"),
        subnet_ids=[Ref("aws_subnet", f"private_{zone}") for zone in ZONES],
    )
    for noun, database in sorted(context.app.databases.items()):
        yield from _one(context, noun, database)


def _one(context: Context, noun: str, database: Database) -> Iterator[Resource]:
    owner = f"databases.{noun}"
    identifier = context.name("database", noun)
    window = 7 if context.production else 0
    yield foundation(
        owner,
        "aws_secretsmanager_secret",
        noun,
        name=context.secret(noun),
        description=f"how to reach the database {noun}",
        recovery_window_in_days=Expr(f"var.teardown ? 0 : {window}"),
    )
    yield foundation(
        owner,
        "aws_security_group",
        noun,
        vpc_id=VPC,
        name=context.name("security group", noun),
        description=f"the database {noun}",
    )
    yield foundation(
        owner,
        "aws_cloudwatch_log_group",
        noun,
        name=f"/aws/rds/instance/{identifier}/postgresql",
        retention_in_days=context.app.logs.retention,
    )
    yield foundation(
        owner,
        "aws_db_parameter_group",
        noun,
        name=identifier,
        family=f"postgres{database.version}",
        parameter=[{"name": "rds.force_ssl", "value": "1"}],
    )
    yield _instance(context, noun, database, identifier)


def _instance(context: Context, noun: str, database: Database, identifier: str) -> Resource:
    return foundation(
        f"databases.{noun}",
        "aws_db_instance",
        noun,
        Ref("aws_cloudwatch_log_group", noun),
        identifier=identifier,
        engine="postgres",
        engine_version=database.version,
        instance_class=database.class_,
        allocated_storage=database.storage,
        max_allocated_storage=database.storage * 5,
        storage_type="gp3",
        storage_encrypted=True,
        db_name=database_name(context.app.app),
        username=OWNER,
        port=PORT,
        password_wo=Expr(f"ephemeral.aws_secretsmanager_random_password.{noun}.random_password"),
        password_wo_version=1,
        multi_az=database.multi_az,
        publicly_accessible=False,
        db_subnet_group_name=Ref("aws_db_subnet_group", "main", "name"),
        vpc_security_group_ids=[Ref("aws_security_group", noun)],
        parameter_group_name=Ref("aws_db_parameter_group", noun, "name"),
        backup_retention_period=database.backups,
        copy_tags_to_snapshot=True,
        delete_automated_backups=False,
        auto_minor_version_upgrade=True,
        allow_major_version_upgrade=False,
        apply_immediately=not context.production,
        enabled_cloudwatch_logs_exports=["postgresql"],
        ca_cert_identifier="rds-ca-rsa2048-g1",
        deletion_protection=Expr("!var.teardown") if context.production else False,
        skip_final_snapshot=False,
        final_snapshot_identifier=joined(f"{identifier}-", Expr("var.final_snapshot")),
    )
