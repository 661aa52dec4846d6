"""A database: managed PostgreSQL or MySQL, private, encrypted, its password kept as a secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, model_validator

from seatrial.model.finding import Finding, Path, nearest
from seatrial.model.kind import Kind, Variable
from seatrial.model.noun import Noun, Text
from seatrial.model.reader import READ, read, reader
from seatrial.model.units import Days, Storage
from seatrial_runtime import contract

if TYPE_CHECKING:
    from seatrial.model.app import App
    from seatrial.model.service import Use

EngineName = Literal["postgres", "mysql"]
ParameterName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.]*$", max_length=255)]


@dataclass(frozen=True)
class Engine:
    """What RDS offers of an engine; ``ends`` are the ends of standard support."""

    title: str
    default: str
    ends: Mapping[str, date]
    logs: tuple[str, ...]  # that can be exported
    default_logs: tuple[str, ...]  # that are exported unless the app file says otherwise
    tls: tuple[str, str]  # the parameter that refuses connections without TLS, and its value

    @property
    def versions(self) -> tuple[str, ...]:
        """Return the major versions."""
        return tuple(self.ends)


# Majors that RDS offers and the end of their standard support; afterwards every vCPU costs extra
# (AWS: "Release calendars for Amazon RDS for PostgreSQL", "... for MySQL", read November 2026);
# logs: RDS user guide, "Publishing database logs to Amazon CloudWatch Logs".
ENGINES: dict[str, Engine] = {
    "postgres": Engine(
        "PostgreSQL",
        "16",
        ends={
            "13": date(2026, 2, 28),
            "14": date(2027, 2, 28),
            "15": date(2028, 2, 29),
            "16": date(2029, 2, 28),
            "17": date(2030, 2, 28),
            "18": date(2031, 2, 28),
        },
        logs=("postgresql", "upgrade", "iam-db-auth-error"),
        default_logs=("postgresql",),
        tls=("rds.force_ssl", "1"),
    ),
    "mysql": Engine(
        "MySQL",
        "8.4",
        ends={"8.0": date(2026, 7, 31), "8.4": date(2029, 7, 31)},
        logs=("error", "slowquery", "general", "iam-db-auth-error"),  # audit needs an option group
        default_logs=("error", "slowquery"),
        tls=("require_secure_transport", "1"),
    ),
}
# Classes without Performance Insights (RDS user guide, "Amazon RDS DB engine, Region, and instance
# class support for Performance Insights"); PostgreSQL has it on every class of today.
NO_INSIGHTS = {
    "mysql": ("db.t2.", "db.t3.micro", "db.t3.small", "db.t4g.micro", "db.t4g.small"),
    "postgres": (),
}
SECRET = frozenset(contract.DATABASE_SECRET.values())
GROWTH = 5  # times its first size, a disk may grow unless the app file says how far


class Database(Noun):
    """A PostgreSQL or MySQL database on RDS."""

    engine: EngineName = Field(
        "postgres", description="The database engine: `postgres` or `mysql`.", examples=["mysql"]
    )
    version: str = Field(
        "16",
        description="Major version of the engine; `16` for PostgreSQL, `8.4` for MySQL.",
        examples=["17"],
    )
    class_: Annotated[str, Field(pattern=r"^db\.[a-z0-9]+\.[a-z0-9]+$")] = Field(
        "db.t4g.micro", alias="class", description="RDS instance class.", examples=["db.t4g.small"]
    )
    storage: Annotated[Storage, Field(ge=20, le=65536)] = Field(
        20, description="Storage; grows automatically up to `max_storage`.", examples=["50 GB"]
    )
    max_storage: Annotated[Storage, Field(ge=20, le=65536)] | None = Field(
        None,
        description="Maximum storage; default: five times `storage`. Set it to `storage` to "
        "prevent growth.",
        examples=["200 GB"],
    )
    multi_az: bool = Field(False, description="A standby in a second zone.", examples=["true"])
    backups: Annotated[Days, Field(ge=1, le=35)] = Field(
        7, description="How long automatic backups are kept.", examples=["30 days"]
    )
    parameters: dict[ParameterName, Text] = Field(
        {},
        description="Engine parameters, by their RDS names. Static ones take effect when the "
        "instance restarts.",
        examples=["{log_min_duration_statement: 500}"],
    )
    logs: tuple[str, ...] = Field(
        (),
        description="Logs sent to CloudWatch. Default: `postgresql`; for MySQL `error` and "
        "`slowquery`.",
        examples=["[postgresql, upgrade]"],
    )
    insights: bool | None = Field(
        None,
        description="Performance Insights, with seven days of free history. Default: on in profile "
        "production if the class supports it.",
        examples=["true"],
    )

    @model_validator(mode="before")
    @classmethod
    def _version_of_engine(cls, raw: Any) -> Any:
        """The version's default is the engine's, known only once overlays are merged."""
        if isinstance(raw, dict) and "version" not in raw:
            known = ENGINES.get(str(raw.get("engine", "postgres")))
            return {**raw, "version": known.default} if known else raw
        return raw

    @classmethod
    def long_form(cls, raw: Any) -> Any:
        """Accept an empty value (every default) and a bare engine."""
        if raw == "":
            return {}
        return {"engine": raw} if isinstance(raw, str) else raw

    @property
    def offer(self) -> Engine:
        """Return what RDS offers of this engine."""
        return ENGINES[self.engine]

    @property
    def most_storage(self) -> int:
        """Return how far the disk may grow, in GB."""
        return self.storage * GROWTH if self.max_storage is None else self.max_storage

    @property
    def exported(self) -> tuple[str, ...]:
        """Return the logs that are sent to CloudWatch."""
        return self.logs or self.offer.default_logs

    @property
    def has_insights(self) -> bool:
        """Return whether the class offers Performance Insights."""
        return not self.class_.startswith(NO_INSIGHTS[self.engine] or ("none",))


def _variables(app: App, use: Use) -> Iterator[Variable]:
    """How to reach it; ``DATABASE_URL`` too where it is the only one.

    The login that only reads has variables of its own, so that a program may have both.
    """
    if use.access == READ:
        yield from _reading(reader(use.name))
        return
    for suffix in contract.DATABASE_PLAIN:
        setting = suffix == "SSLMODE"  # a stricter mode is the app's to choose
        yield Variable(contract.variable(use.name, suffix), suffix.lower(), setting=setting)
    for suffix, key in contract.DATABASE_SECRET.items():
        yield Variable(contract.variable(use.name, suffix), key, secret=True)
    if len(app.databases) == 1:
        yield Variable("DATABASE_URL", "url", secret=True)
    if use.access == "live":
        yield Variable(contract.variable(use.name, "SECRET_ARN"), "secret_arn")


def _reading(noun: str) -> Iterator[Variable]:
    for suffix in contract.DATABASE_PLAIN:
        attribute = "reader_user" if suffix == "USER" else suffix.lower()
        setting = suffix == "SSLMODE"
        yield Variable(contract.variable(noun, suffix), attribute, setting=setting)
    for suffix, key in contract.DATABASE_SECRET.items():
        yield Variable(contract.variable(noun, suffix), f"reader_{key}", secret=True)


def _check(app: App) -> Iterator[Finding]:
    """Yield what RDS does not offer for an engine, and logins that cannot be made."""
    for name, database in app.databases.items():
        yield from _unoffered(database, ("databases", name))
    for name in read(app):
        yield from _unreadable(app, name)


def _unreadable(app: App, name: str) -> Iterator[Finding]:
    path = ("databases", name)
    if app.databases[name].engine != "postgres":
        yield Finding(
            "appfile-use",
            path,
            f"a login that only reads is made for PostgreSQL alone, and `{name}` is used as `read`",
            f"Make the login in a migration, or use `{name}` without `read`.",
        )
    if app.outbound == "endpoints":
        yield Finding(
            "appfile-use",
            path,
            f"`{name}` is used as `read`; the task that makes this login runs an image of a public "
            "registry, and with `outbound: endpoints` nothing leads there",
            "Use `outbound: nat` or `public`.",
            (path, ("network", "outbound")),
        )
    if app.kind_of(reader(name)):
        yield Finding(
            "appfile-name-twice",
            path,
            f"`{reader(name)}` is the name of what `{name}: read` makes",
            "Rename the other noun.",
            (path, ("*", reader(name))),
        )


def _unoffered(database: Database, path: Path) -> Iterator[Finding]:
    offer = database.offer
    if database.version not in offer.versions:
        yield Finding(
            "appfile-engine-version",
            (*path, "version"),
            f"RDS does not offer {offer.title} `{database.version}`",
            f"Write a major version: {', '.join(offer.versions)}.",
            ((*path, "version"), (*path, "engine")),
        )
    for log in database.logs:
        if log not in offer.logs:
            yield Finding(
                "appfile-database-log",
                (*path, "logs"),
                f"{offer.title} has no log `{log}` that can be sent to CloudWatch",
                nearest(log, offer.logs),
                ((*path, "logs"), (*path, "engine")),
            )
    if database.most_storage < database.storage:
        yield Finding(
            "appfile-database-storage",
            (*path, "max_storage"),
            f"`storage` is {database.storage} GB, but `max_storage` is only "
            f"{database.most_storage} GB",
            f"Write `max_storage: {database.storage * 2} GB`, or leave it out.",
            ((*path, "max_storage"), (*path, "storage")),
        )
    elif database.storage < database.most_storage < database.storage * 1.1:
        yield Finding(
            "appfile-database-storage",
            (*path, "max_storage"),
            "RDS storage grows by at least 10 %",
            f"Write at least `max_storage: {-(-database.storage * 11 // 10)} GB`.",
        )
    if database.insights and not database.has_insights:
        yield Finding(
            "appfile-database-insights",
            (*path, "insights"),
            f"{offer.title} on `{database.class_}` does not support Performance Insights",
            "Remove `insights`, or use a larger class: `db.t4g.medium`.",
            ((*path, "insights"), (*path, "class"), (*path, "engine")),
        )
    if offer.tls[0] in database.parameters:
        yield Finding(
            "appfile-database-parameter",
            (*path, "parameters", offer.tls[0]),
            f"`{offer.tls[0]}` is always on: connections without TLS are refused",
            "Remove it.",
        )


# Attributes as keys of a database's secret.
_KEYS = {"name": "dbname", "user": "username"}
_KEYS |= {key: key for key in ("host", "port", "password", "url")}

KIND = Kind(
    section="databases",
    in_network=True,
    attributes=("host", "port", "name", "user", "url", "password", "secret_arn"),
    secret=SECRET,
    accesses=("", "live", READ),
    beside=frozenset({READ}),
    variables=_variables,
    check=_check,
    inside=lambda _app, _name, attribute: _KEYS.get(attribute),
)
