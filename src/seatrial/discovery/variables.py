"""Where each variable of a program comes from here: a noun, a secret, or the app file itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from seatrial.discovery.draft import Data, Draft, Program, noun_name
from seatrial.model import credential
from seatrial_runtime import contract

_NAMED = {  # the variables of a database, by the end of their name
    "host": r"HOST(NAME)?|SERVER|ADDR(ESS)?",
    "port": r"PORT",
    "user": r"USER(NAME)?",
    "password": r"PASSWORD|PASSWD|PASS|PWD",
    "name": r"NAME|DB|DATABASE|DBNAME",
    "url": r"URL|URI|DSN|CONNECTION_STRING",
}
_OWN = "(DJANGO_|APP_|SQLALCHEMY_)?"
_PREFIX = {
    "postgres": rf"{_OWN}(POSTGRES(QL)?|PG|DB|DATABASE|SQL|SQLALCHEMY_DATABASE)",
    "mysql": rf"{_OWN}(MYSQL|MARIADB|DB|DATABASE|SQL|SQLALCHEMY_DATABASE)",
    "valkey": r"(APP_)?(REDIS|CACHE|VALKEY|(CELERY_)?(BROKER|RESULT_BACKEND)|CELERY)",
}
_SCHEMES = {
    "postgres": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "redis": "valkey",
    "valkey": "valkey",
}
_GENERATED = re.compile(
    r"(^|_)(SECRET_KEY(_BASE)?|SESSION_(SECRET|KEY)|JWT_SECRET(_KEY)?|APP_SECRET|COOKIE_SECRET|"
    r"SIGNING_(KEY|SECRET)|AUTH_SECRET|NEXTAUTH_SECRET)$"
)
_AWS_KEYS = re.compile(r"^(AWS|MINIO|S3)_.*(KEY|KEY_ID|SECRET|USER|PASSWORD|TOKEN)$")


@dataclass
class Placed:
    """What a program's variables become."""

    env: dict[str, str] = field(default_factory=dict)
    uses: list[str] = field(default_factory=list)
    secrets: list[tuple[str, dict[str, str]]] = field(default_factory=list)  # the noun; its value
    missing: list[str] = field(default_factory=list)

    def use(self, name: str) -> None:
        """Add a noun that is used, once."""
        if name not in self.uses:
            self.uses.append(name)


def place(draft: Draft, program: Program) -> Placed:
    """Return what every variable of a program becomes."""
    placed = Placed()
    for data in draft.data:
        if set(data.hosts) & set(program.needs):
            placed.use(data.name)
    for name, value in program.values.items():
        _place(draft, program, name, value, placed)
    for name in program.secrets:
        if not _of_data(draft, name, None, placed):
            _secret(draft, name, placed, program.stored.get(name))
    return placed


def _place(draft: Draft, program: Program, name: str, value: str | None, placed: Placed) -> None:
    unknown = value is None or "${" in value or re.fullmatch(r"\$\w+", value) is not None
    if name in contract.ALWAYS or not re.fullmatch(r"[A-Za-z_]\w*", name):
        return
    if _AWS_KEYS.match(name) or re.search(r"_ROOT_PASSWORD$", name):
        return  # the task's role has the keys; nobody needs the root of a database
    if _of_data(draft, name, value, placed) or _of_program(draft, program, name, value, placed):
        return
    if _of_what_is_left(draft, value) or is_secret(name, "" if unknown else value or ""):
        _secret(draft, name, placed)
    elif unknown:
        placed.missing.append(name)
    else:
        placed.env[name] = (value or "").replace("$$", "$").replace("${", "$${")


def is_secret(name: str, value: str = "") -> bool:
    """Say whether a variable holds a secret, by its name or by what its value looks like."""
    return bool(credential.kind(name, value or "unknown-value") or _GENERATED.search(name))


def _secret(draft: Draft, name: str, placed: Placed, stored: dict[str, str] | None = None) -> None:
    """A secret has the name of its variable, unless a noun has that name."""
    noun = noun_name(name.strip("_"), kind="secret")
    taken = {p.name for p in draft.programs} | {d.name for d in draft.data} | {"app"}
    noun = f"{noun}-secret"[:40] if noun in taken else noun
    if contract.variable(noun) != name:
        placed.env[name] = f"${{{noun}.value}}"
    made = {"generate": "48"} if _GENERATED.search(name) else {}
    placed.secrets.append((noun, stored or made))
    placed.use(noun)


def _of_data(draft: Draft, name: str, value: str | None, placed: Placed) -> bool:
    """Say whether a variable tells how to reach data, and let the noun give it."""
    found = _by_value(draft, value) or _by_name(draft, name, value)
    if found is None:
        return False
    data, attribute = found
    placed.use(data.name)
    if data.kind in ("bucket", "queue", "table"):
        if attribute == "name":  # an address of MinIO or ElasticMQ is not needed: boto3 knows AWS's
            placed.env[name] = f"${{{data.name}.name}}"
        return True
    if data.kind == "valkey" and attribute not in ("host", "port", "url"):
        return True
    given = {contract.variable(data.name, attribute.upper())}
    given |= {"DATABASE_URL"} if _only_database(draft, data) else set()
    if name not in given:
        placed.env[name] = f"${{{data.name}.{attribute}}}"
    return True


def _only_database(draft: Draft, data: Data) -> bool:
    rows = [d for d in draft.data if d.kind in ("postgres", "mysql")]
    return rows == [data]


def _by_value(draft: Draft, value: str | None) -> tuple[Data, str] | None:
    address = re.match(r"(\w+)(?:\+\w+)?://(?:[^@/]*@)?([^:/?#]*)", value or "")
    for data in draft.data:
        if value and value in data.hosts:
            return data, "host"
        if address and address[2] in data.hosts:
            return data, "url"
    if address and "localhost" not in address[2] and address[2] not in draft.left_hosts:
        kind = _SCHEMES.get(re.sub(r"(ql|s)$", "", address[1]), _SCHEMES.get(address[1], ""))
        return next(((data, "url") for data in draft.data if data.kind == kind), None)
    return None


def _by_name(draft: Draft, name: str, value: str | None) -> tuple[Data, str] | None:
    if value and any(re.search(rf"\b{re.escape(h)}\b", value) for h in draft.left_hosts):
        return None
    for data in draft.data:
        prefix = _PREFIX.get(data.kind)
        for attribute, suffix in _NAMED.items() if prefix else ():
            if re.fullmatch(rf"{prefix}_?({suffix})", name, re.IGNORECASE):
                return data, attribute
        if data.kind == "valkey" and re.fullmatch(r"(CELERY_)?(BROKER|RESULT_BACKEND)", name):
            return data, "url"
        if data.kind == "bucket" and re.search(r"(^|_)BUCKET(_NAME)?$", name):
            return data, "name"
    return None


def _of_program(
    draft: Draft, program: Program, name: str, value: str | None, placed: Placed
) -> bool:
    """Let a variable with another program's address give the address that it has here."""
    found = re.fullmatch(r"https?://([\w.-]+)(?::\d+)?(/\S*)?", value or "")
    other = next(
        (p for p in draft.programs if found and p.port and p.name == noun_name(found[1])), None
    )
    if other is None or other is program or found is None:
        return False
    placed.use(other.name)
    placed.env[name] = f"${{{other.name}.internal_url}}{(found[2] or '').rstrip('/')}"
    return True


def _of_what_is_left(draft: Draft, value: str | None) -> bool:
    return any(re.search(rf"[/@]{re.escape(h)}\b", value or "") for h in draft.left_hosts)
