"""A database: private, encrypted, TLS forced, its password kept in a secret of ours.

RDS is created with a random password that nobody keeps; the first deploy rotates it (decision
0003). So no value of a secret ever passes through Terraform.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.model.alarms import Alarms
from seatrial.model.app import App
from seatrial.model.database import KIND, Database
from seatrial.model.reader import address, read
from seatrial.resources import reader, secret
from seatrial.resources.context import ZONES, Context, foundation
from seatrial.resources.graph import Expr, Ref, Resource, joined
from seatrial.resources.kind import (
    DATA,
    Alarm,
    Graphs,
    Node,
    Reach,
    ResourceKind,
    Value,
    graphs,
)
from seatrial.resources.network import VPC
from seatrial.resources.rds_words import DYNAMIC, RESERVED
from seatrial.resources.switches import is_off, is_on

# Not the defaults: AWS Foundational Security Best Practices, RDS.23.
UPGRADE = Expr("var.upgrade")
PORTS = {"postgres": 5433, "mysql": 3307}
WEEK = 7  # days of backups, below which FSBP's RDS.11 fails
GB = 1_000_000_000
NO_EXTENDED_SUPPORT = "open-source-rds-extended-support-disabled"
OWNER = "app_owner"  # never admin or postgres: RDS.24, RDS.25


def database_name(app: str, engine: str = "postgres") -> str:
    """Return the name of the database inside the instance: the app's, as SQL can say it."""
    plain = app.replace("-", "_")
    return f"{plain}_db" if plain in RESERVED[engine] else plain


def port(context: Context, noun: str) -> int:
    """Return the port that a database listens on."""
    return PORTS[context.app.databases[noun].engine]


def _attribute(context: Context, noun: str, name: str) -> Value:
    """Return an attribute of a database; the secret ones by their keys in its secret."""
    match name:
        case "host":
            return Ref("aws_db_instance", noun, "address")
        case "port":
            return str(port(context, noun))
        case "name":
            return database_name(context.app.app, context.app.databases[noun].engine)
        case "user":
            return OWNER
        case "reader_user":
            return reader.USER
        case "reader_url" | "reader_password":
            return secret.part(address(noun), name.removeprefix("reader_"))
        case "sslmode":
            return "require"
        case "secret_arn":
            return secret.part(noun)
        case _:
            return secret.part(noun, name)


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
    for noun in read(context.app):
        yield from reader.build(
            context, f"databases.{noun}", noun, port(context, noun), _libpq(context, noun)
        )


def _libpq(context: Context, noun: str) -> dict[str, Value]:
    """Return how PostgreSQL's programs reach a database as its owner, but for the password."""
    names = {
        "HOST": "host",
        "PORT": "port",
        "DATABASE": "name",
        "USER": "user",
        "SSLMODE": "sslmode",
    }
    return {f"PG{name}": _attribute(context, noun, key) for name, key in names.items()}


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
    for log in database.exported:
        yield foundation(
            owner,
            "aws_cloudwatch_log_group",
            log_group(noun, log),
            name=f"/aws/rds/instance/{identifier}/{log}",
            retention_in_days=context.app.logs.retention,
        )
    yield foundation(
        owner,
        "aws_db_parameter_group",
        noun,
        name=f"{identifier}-{family(database).replace('.', '-')}",
        family=family(database),
        parameter=_parameters(database),
        # Another version needs another group, and the instance holds the old one until it has it.
        lifecycle=[{"create_before_destroy": True}],
    )
    yield _instance(context, noun, database, identifier)


def family(database: Database) -> str:
    """Return the family of parameters: a group is made for one major version."""
    return f"{database.engine}{database.version}"


def _most(database: Database) -> int | None:
    """Storage that may not grow must have no maximum."""
    return database.most_storage if database.most_storage > database.storage else None


def _insights(context: Context, database: Database) -> bool | None:
    """Return True where it is on; None, so that the argument is left out, where it is not."""
    if database.insights is None:
        return (context.production and database.has_insights) or None
    return database.insights or None


def log_group(noun: str, log: str) -> str:
    """Return the address of a log's group: PostgreSQL's one log is the database's own."""
    return noun if log == "postgresql" else f"{noun}_{log}"


def _written(database: Database) -> dict[str, str]:
    """MySQL writes these logs only where configured, and to a table by default
    (RDS user guide, "Configuring MySQL to publish logs to CloudWatch").
    """
    names = {"slowquery": "slow_query_log", "general": "general_log"}
    found = {name: "1" for log, name in names.items() if log in database.exported}
    return found | ({"log_output": "FILE"} if found else {})


def _parameters(database: Database) -> list[dict[str, str]]:
    tls, value = database.offer.tls
    given = sorted((_written(database) | database.parameters).items())
    return [_parameter(database, *row) for row in ((tls, value), *given)]


def _parameter(database: Database, name: str, value: str) -> dict[str, str]:
    at_once = name in DYNAMIC[database.engine]
    method = "immediate" if at_once else "pending-reboot"
    return {"name": name, "value": value, "apply_method": method}


def _instance(context: Context, noun: str, database: Database, identifier: str) -> Resource:
    return foundation(
        f"databases.{noun}",
        "aws_db_instance",
        noun,
        *(Ref("aws_cloudwatch_log_group", log_group(noun, log)) for log in database.exported),
        identifier=identifier,
        engine=database.engine,
        engine_version=database.version,
        # Enrolled by default: it is billed by vCPU and hour (RDS API reference, CreateDBInstance).
        engine_lifecycle_support=NO_EXTENDED_SUPPORT,
        instance_class=database.class_,
        allocated_storage=database.storage,
        max_allocated_storage=_most(database),
        storage_type="gp3",
        storage_encrypted=True,
        db_name=database_name(context.app.app, database.engine),
        username=OWNER,
        port=PORTS[database.engine],
        password_wo=Expr(f"ephemeral.aws_secretsmanager_random_password.{noun}.random_password"),
        password_wo_version=1,
        multi_az=database.multi_az,
        publicly_accessible=False,
        db_subnet_group_name=Ref("aws_db_subnet_group", "main", "name"),
        vpc_security_group_ids=[Ref("aws_security_group", noun)],
        parameter_group_name=Ref("aws_db_parameter_group", noun, "name"),
        backup_retention_period=database.backups,
        copy_tags_to_snapshot=True,
        delete_automated_backups=True,  # they are billed; the final snapshot is kept
        auto_minor_version_upgrade=True,
        # Only the app file raises `version`, and ops.upgrade does it at once (UPGRADE).
        allow_major_version_upgrade=True,
        apply_immediately=UPGRADE if context.production else True,
        enabled_cloudwatch_logs_exports=list(database.exported),
        performance_insights_enabled=_insights(context, database),
        performance_insights_retention_period=7 if _insights(context, database) else None,
        iam_database_authentication_enabled=True,
        ca_cert_identifier="rds-ca-rsa2048-g1",
        deletion_protection=Expr("!var.teardown") if context.production else False,
        skip_final_snapshot=False,
        final_snapshot_identifier=joined(f"{identifier}-", Expr("var.final_snapshot")),
    )


def _alarms(context: Context, alarms: Alarms, name: str) -> Iterator[Alarm]:
    size = context.app.databases[name].storage
    free = size * GB * alarms.storage // 100
    rows: tuple[tuple[str, str, float, bool, str], ...] = (
        ("cpu", "CPUUtilization", alarms.cpu, False, f"CPU at {alarms.cpu} % or more"),
        ("storage", "FreeStorageSpace", free, True, f"less than {alarms.storage} % of disk free"),
        ("memory", "FreeableMemory", 64_000_000, True, "less than 64 MB of memory free"),
    )
    for short, metric, threshold, below, words in rows:
        yield Alarm(
            noun=f"databases.{name}",
            name=short,
            namespace="AWS/RDS",
            metric=metric,
            dimensions={"DBInstanceIdentifier": Ref("aws_db_instance", name, "identifier")},
            statistic="Average",
            threshold=threshold,
            words=f"{name}: {words} for 15 minutes",
            root="foundation",
            below=below,
        )


def _graphs(_: Context, name: str) -> Graphs:
    at = ["DBInstanceIdentifier", Ref("aws_db_instance", name, "identifier")]
    metrics = ("CPUUtilization", "DatabaseConnections", "FreeStorageSpace")
    return graphs(name, "AWS/RDS", at, metrics)


def _nodes(app: App) -> Iterator[Node]:
    for name, database in sorted(app.databases.items()):
        zones = ", two zones" if database.multi_az else ""
        about = f"{database.offer.title} {database.version}, {database.storage} GB{zones}"
        yield Node(name, "data", DATA, name, about)


def _risks(resource: Resource, production: bool) -> Iterator[str]:  # noqa: FBT001
    body = resource.body
    if is_on(body.get("publicly_accessible")):
        yield "the database can be reached from the internet"
    if is_off(body.get("storage_encrypted")):
        yield "the database is not encrypted"
    if is_on(body.get("skip_final_snapshot")):
        yield "nothing is left of the database when it is destroyed"
    if int(body.get("backup_retention_period") or 0) < WEEK:
        yield "backups are kept for less than a week"
    if production and is_off(body.get("deletion_protection")):
        yield "the database is not protected from deletion"
    if production and is_off(body.get("multi_az")):
        yield "a lost zone takes the database down (`multi_az: true`)"


RESOURCES = ResourceKind(
    of=KIND,
    build=build,
    attribute=_attribute,
    grants=secret.grants,
    reach=lambda context, noun: Reach(noun, port(context, noun)),
    alarms=_alarms,
    graphs=_graphs,
    nodes=_nodes,
    risks={"aws_db_instance": _risks},
    holds={"aws_db_instance": "the database"},
)
