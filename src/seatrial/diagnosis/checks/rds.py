"""Databases: reaching them, their limits, their migrations."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.diagnosis.check import (
    COMMAND,
    ENDED,
    EVERYWHERE,
    PROGRAM,
    Check,
    Evidence,
    either,
    said,
    verified,
)
from seatrial.diagnosis.facts import Facts

RDS_HOST = re.compile(r"\b[\w-]+\.[\w-]+\.[a-z0-9-]+\.rds\.amazonaws\.com\b")
FULL = ("storage-full", "incompatible-parameters", "incompatible-network", "failed")


def _closed(facts: Facts) -> Iterator[Evidence]:
    for database in facts.databases:
        for service in database.closed_to:
            text = (
                f"ec2.describe_security_groups: none of {database.name} lets {service}'s group in "
                f"on port {database.port}"
            )
            yield Evidence(text, service, "", "error")


def _not_available(facts: Facts) -> Iterator[Evidence]:
    for database in facts.databases:
        if database.status != "available" and not (database.paused and "stop" in database.status):
            text = f"rds.describe_db_instances: {database.name} is {database.status}"
            if database.restarts:
                text += f"; RDS starts it again at {database.restarts:%Y-%m-%d %H:%M} UTC"
            if database.events:
                text += f"; its last event: {database.events[-1]}"
            yield Evidence(text, "", "", "error")


def _extended(facts: Facts) -> Iterator[Evidence]:
    for database in facts.databases:
        if database.extended and database.version.split(".")[0] in ("11", "12", "13", "5"):
            text = "rds.describe_db_instances: EngineLifecycleSupport is open-source-rds-extended-"
            yield Evidence(f"{text}support, version {database.version}", "", "", "warning")


def _old_host(facts: Facts) -> Iterator[Evidence]:
    known = {database.host for database in facts.databases}
    for service in facts.services:
        for name, value in service.plain.items():
            for host in RDS_HOST.findall(value):
                if facts.databases and host not in known:
                    text = f"{name} names {host}; rds.describe_db_instances: {', '.join(known)}"
                    yield Evidence(text, service.name, "", "error")


CHECKS = (
    Check(
        id="D60",
        title="the database cannot be reached",
        cause="Connections time out: a security group does not let the service in, or the "
        "database is in another VPC. Refused ones: nothing listens there now.",
        fix="List the database in services.{service}.uses; a deploy puts the rule back.",
        command="{deploy}",
        look=either(
            _closed,
            said(
                r"(?is)(could not connect|connection to server at .* failed|OperationalError).*"
                r"(timed out|timeout expired)",
                r"connection to server at .* failed: (Connection (refused|reset)|server closed)",
                r"Can.?t connect to (MySQL|MariaDB) server on .*(\(11[01]|timed out)",
                r"ETIMEDOUT.*:(5432|3306)",
                of=PROGRAM,
            ),
        ),
    ),
    Check(
        id="D61",
        title="the database accepts TLS alone",
        cause="no pg_hba.conf entry ... no encryption: RDS for PostgreSQL 15 and later sets "
        "rds.force_ssl; MySQL's require_secure_transport does the same.",
        fix="Connect with `sslmode=verify-full` and RDS's certificates; `DATABASE_URL` as Seatrial "
        "sets it has both.",
        command="seatrial explain databases",
        look=said(
            r"no pg_hba\.conf entry for host .*no encryption",
            r"Connections using insecure transport are prohibited",
            of=PROGRAM,
        ),
    ),
    Check(
        id="D62",
        title="the database refuses the login",
        cause="password authentication failed (PostgreSQL), Access denied for user (MySQL): the "
        "task has another name or password than the database. A task reads secrets when it starts, "
        "so one that started before a rotation has the old password.",
        fix="Restart the service. Use the variables that `uses` gives instead of a password of "
        "your own; in an address that you put together, escape `@`, `:`, `/`, `#` and `%`.",
        command="seatrial restart{at} {service}",
        look=said(
            r"password authentication failed for user",
            r"Access denied for user '[^']*'@'[^']*'",
            of=PROGRAM,
        ),
    ),
    Check(
        id="D63",
        title="RDS refuses the password",
        cause='MasterUserPassword has a character that RDS does not accept: `/`, `@`, `"` or a '
        "space.",
        fix="Let Seatrial generate it: a deploy does, and rotates it.",
        command="seatrial secret rotate DATABASE{env}",
        look=said(
            r"MasterUserPassword is not a valid password",
            r"Only printable ASCII characters besid",
            of=COMMAND,
        ),
    ),
    Check(
        id="D64",
        title="RDS refuses the user's name",
        cause="The name is a reserved word of the engine, such as `admin` for PostgreSQL.",
        fix="Take another name for databases.NAME.user.",
        command="seatrial check",
        look=said(r"MasterUsername \S+ cannot be used as it is a reserved word", of=COMMAND),
    ),
    Check(
        id="D65",
        title="the database has no connection left",
        cause="Pools times tasks, twice during a rollout, are more than max_connections.",
        fix="Lower the pool's size or the number of tasks, or take a larger database class.",
        command="seatrial verify{at}",
        look=said(
            r"remaining connection slots are reserved",
            r"too many clients|too many connections for",
            r"\b1040\b.*Too many connections|Too many connections",
            of=EVERYWHERE,
        ),
    ),
    Check(
        id="D67",
        title="the database is not available",
        cause="RDS has stopped it, starts or changes it, or cannot run it: DBInstanceStatus is not "
        "`available`. A stopped instance starts again by itself after seven days.",
        fix="Start it, or wait until its change is over.",
        command="aws rds start-db-instance --db-instance-identifier NAME",
        look=either(
            _not_available,
            said(r"database system is (shutting down|starting up|not yet accepting)", of=ENDED),
        ),
    ),
    Check(
        id="D68",
        title="the engine's version has left standard support",
        cause="RDS creates no instance of it without Extended Support, which is billed by vCPU and "
        "hour.",
        fix="Raise databases.NAME.version; rehearse it first.",
        command="seatrial up",
        look=either(
            said(
                r"Cannot find version .* for (postgres|mysql)",
                r"RDS Extended Support|open-source-rds-extended-support",
                of=COMMAND,
            ),
            verified("verify-engine"),
            _extended,
        ),
    ),
    Check(
        id="D69",
        title="a database keeps the environment from being destroyed",
        cause="Deletion protection is on, or the final snapshot has no name or one that exists.",
        fix="Destroy with Seatrial: it lifts the protection after asking by name, and gives the "
        "final snapshot a new name.",
        command="seatrial destroy {environment}",
        look=said(
            r"DBSnapshotAlreadyExists",
            r"Cannot delete protected (DB|Cluster)",
            r"(?i)final_?snapshot_?identifier is required|FinalDBSnapshotIdentifier",
            of=COMMAND,
        ),
    ),
    Check(
        id="D70",
        title="a migration failed, or ran twice",
        cause="The migration met what is there already, a revision that it does not know, or a "
        "lock that was not released.",
        fix="Run it as services.{service}.migrate, once before each release, and not at each "
        "task's start; repair the schema, then deploy again.",
        command="seatrial logs{at} {service}",
        look=said(
            r"alembic\.util\.exc|Can.?t locate revision identified by|Multiple head revisions",
            r"DuplicateTable|relation \"[^\"]+\" already exists|Table '[^']+' already exists",
            r"canceling statement due to lock timeout|Lock wait timeout",
            r"django\.db\.migrations\.exceptions|InconsistentMigrationHistory",
            of=PROGRAM,
        ),
    ),
    Check(
        id="D71",
        title="a host's name does not resolve",
        cause="The name is that of a database which was renamed, restored or deleted, or the VPC "
        "has no DNS.",
        fix="Use `DATABASE_URL`, or `${{NAME.host}}` in env: a deploy sets what the database is "
        "called now.",
        command="{deploy}",
        look=either(
            _old_host,
            said(
                r"Name or service not known|Temporary failure in name resolution",
                r"could not translate host name|getaddrinfo (ENOTFOUND|EAI_AGAIN)",
                r"Unknown (MySQL|MariaDB) server host",
                of=PROGRAM,
            ),
        ),
    ),
)
