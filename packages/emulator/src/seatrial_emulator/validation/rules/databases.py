"""RDS: engines, versions and classes that a region offers, names, passwords, parameters.

The words are RDS's own (RDS API reference, CreateDBInstance and ModifyDBParameterGroup, "Errors").
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from seatrial_emulator.facts import databases, offered
from seatrial_emulator.validation.call import Call
from seatrial_emulator.validation.refusal import Refusal
from seatrial_emulator.validation.rules.rule import Account, looks_at

VALUE, COMBINATION = "InvalidParameterValue", "InvalidParameterCombination"


@looks_at("rds", "CreateDBInstance")
def engine(call: Call, _: Account) -> Refusal | None:
    """Refuse an engine, a version or a class that RDS does not offer in the region."""
    wanted = call.parameters
    name, version = str(wanted["Engine"]), str(wanted.get("EngineVersion") or "")
    class_ = str(wanted["DBInstanceClass"])
    versions = offered.database_versions(name)
    if not versions:
        return Refusal(VALUE, f"Invalid DB engine: {name}")
    if version and not any(v == version or v.startswith(f"{version}.") for v in versions):
        return Refusal(COMBINATION, f"Cannot find version {version} for {name}")
    classes = offered.database_classes(call.region, name)
    if classes and class_ not in classes:
        return Refusal(
            COMBINATION,
            "RDS does not support creating a DB instance with the following combination: "
            f"DBInstanceClass={class_}, Engine={name}, EngineVersion={version}. For supported "
            "combinations of instance class and database engine version, see the documentation.",
        )
    return None


@looks_at("rds", "CreateDBInstance")
def names(call: Call, _: Account) -> Refusal | None:
    """Refuse a name that the engine reserves."""
    if call.parameters["Engine"] not in databases.ENGINES:
        return None
    for field in ("DBName", "MasterUsername"):
        name = str(call.parameters.get(field) or "")
        if name.lower() in databases.RESERVED:
            return Refusal(
                VALUE, f"{field} {name} cannot be used. It is a reserved word for this engine"
            )
    return None


@looks_at("rds", "CreateDBInstance", "ModifyDBInstance")
def password(call: Call, account: Account) -> Refusal | None:
    """Refuse a password that is too short or long, or has a character that RDS does not take."""
    given = call.parameters.get("MasterUserPassword")
    if given is None:
        return None
    least, most = databases.PASSWORDS.get(_engine(call, account), (8, 128))
    if not least <= len(given) <= most or databases.PASSWORD_REFUSED & set(given):
        return Refusal(
            VALUE,
            "The parameter MasterUserPassword is not a valid password. Only printable ASCII "
            f"characters besides '/', '@', '\"', ' ' may be used, {least} to {most} of them.",
        )
    return None


def _engine(call: Call, account: Account) -> str:
    if engine := call.parameters.get("Engine"):
        return str(engine)
    found = account.backend("rds").databases.get(call.parameters.get("DBInstanceIdentifier"))
    return str(found.engine) if found else ""


@looks_at("rds", "CreateDBInstance", "ModifyDBInstance")
def sizes(call: Call, _: Account) -> Refusal | None:
    """Refuse a disk below the storage type's least, and backups over 35 days."""
    size = call.parameters.get("AllocatedStorage")
    if size is not None and call.parameters.get("StorageType") == "gp3":
        least = databases.LEAST_GP3
        if size < least:
            return Refusal(
                COMBINATION, f"Invalid storage size for storage type gp3: {size}, least {least}"
            )
    days = call.parameters.get("BackupRetentionPeriod")
    if days is not None and not 0 <= days <= databases.MOST_BACKUPS:
        return Refusal(
            VALUE,
            f"Invalid backup retention period: {days}. Retention period must be between 0 and "
            f"{databases.MOST_BACKUPS}.",
        )
    return None


@looks_at("rds", "ModifyDBParameterGroup")
def apply_methods(call: Call, account: Account) -> Refusal | None:
    """Refuse to change a static parameter at once: it changes when the instance restarts."""
    group: Any = account.backend("rds").db_parameter_groups.get(
        call.parameters["DBParameterGroupName"]
    )
    engine = "".join(c for c in str(group.family if group else "") if c.isalpha())
    static = databases.STATIC.get(engine, frozenset())
    for row in call.parameters.get("Parameters") or ():
        if row.get("ApplyMethod") == "immediate" and row.get("ParameterName") in static:
            return Refusal(
                COMBINATION,
                f"cannot use immediate apply method for static parameter: {row['ParameterName']}",
            )
    return None


@looks_at("rds", "CreateDBInstance")
def support(call: Call, _: Account) -> Refusal | None:
    """Refuse a version past its standard support, where Extended Support is turned off."""
    name, version = str(call.parameters["Engine"]), str(call.parameters.get("EngineVersion") or "")
    ends = databases.ENDS.get(name, {}).get(_major(name, version))
    off = call.parameters.get("EngineLifecycleSupport") == databases.NO_EXTENDED_SUPPORT
    if not off or ends is None or datetime.now(UTC).date() <= ends:
        return None
    return Refusal(
        COMBINATION,
        f"You can't create a DB instance with {name} {version}: it reached its RDS end of standard "
        f"support date on {ends}, and RDS Extended Support is disabled.",
    )


@looks_at("rds", "ModifyDBInstance")
def major_version(call: Call, account: Account) -> Refusal | None:
    """Refuse another major version without its flag, a lower one, and a group of another family."""
    found = account.backend("rds").databases.get(call.parameters.get("DBInstanceIdentifier"))
    wanted = str(call.parameters.get("EngineVersion") or "")
    if not found or not wanted:
        return None
    name, before = str(found.engine), _major(found.engine, str(found.engine_version))
    now = _major(name, wanted)
    if now == before:
        return None
    if _numbers(now) < _numbers(before):
        return Refusal(COMBINATION, f"Cannot upgrade {name} from {before} to {now}")
    if not call.parameters.get("AllowMajorVersionUpgrade"):
        return Refusal(
            COMBINATION,
            "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major "
            "version.",
        )
    return _family(call, account, f"{name}{now}")


def _family(call: Call, account: Account, family: str) -> Refusal | None:
    """A group of parameters fits one major version; the default group of the new one is taken
    where none is named, but only from a default group (RDS user guide, "Major version upgrades").
    """
    rds = account.backend("rds")
    named = call.parameters.get("DBParameterGroupName")
    group = rds.db_parameter_groups.get(named)
    if named and group is not None and group.family == family:
        return None
    if named and group is not None:
        return Refusal(
            COMBINATION,
            f"The parameter group {named} with DBParameterGroupFamily {group.family} can't be used "
            f"for this instance. Use a parameter group with DBParameterGroupFamily {family}.",
        )
    return Refusal(
        COMBINATION,
        "The current DB instance parameter group is custom. You must explicitly specify a new DB "
        "parameter group, either default or custom, for the engine version upgrade.",
    )


@looks_at("rds", "DeleteDBParameterGroup")
def group_in_use(call: Call, account: Account) -> Refusal | None:
    """Refuse to delete a group that an instance has."""
    name = call.parameters["DBParameterGroupName"]
    for instance in account.backend("rds").databases.values():
        if name in (group.name for group in instance.db_parameter_groups()):
            return Refusal(
                "InvalidDBParameterGroupState",
                "One or more database instances are still members of this parameter group "
                f"{name}, so the group cannot be deleted",
            )
    return None


def _major(engine: str, version: str) -> str:
    """Return the major version: one number of PostgreSQL's, two of MySQL's."""
    return ".".join(version.split(".")[: 1 if engine == "postgres" else 2])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
