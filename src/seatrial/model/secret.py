"""A secret: a value that only its users can read; generated, set by hand, or there already."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field

from seatrial.model.finding import Finding, Path
from seatrial.model.kind import Kind, Variable
from seatrial.model.noun import Noun
from seatrial_runtime import contract

if TYPE_CHECKING:
    from seatrial.model.app import App
    from seatrial.model.service import Use

KeyName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]*$", max_length=64)]
KeyVariable = Annotated[str, Field(pattern=r"^([A-Za-z_][A-Za-z0-9_]*)?$", max_length=128)]
# Secrets Manager ends a secret's ARN with a hyphen and six characters (Secrets Manager user guide,
# "What's in a Secrets Manager secret?").
ARN = r"^(arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+-[A-Za-z0-9]{6})?$"
# Parameter Store's names: levels parted by slashes (Systems Manager API reference, PutParameter).
PARAMETER = r"^(/[\w.-]+){1,15}$|^[\w.-]*$"
KMS = r"^(arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[0-9a-f-]{36})?$"


def _named(raw: Any) -> Any:
    """Give each key of a list the default variable; so they stand in records of old releases."""
    return dict.fromkeys(raw, "") if isinstance(raw, list | tuple) else raw


Keys = Annotated[
    dict[KeyName, KeyVariable],
    BeforeValidator(_named, json_schema_input_type=dict[KeyName, KeyVariable] | list[KeyName]),
]


class Secret(Noun):
    """A value in Secrets Manager or Parameter Store; never in Terraform, its state, or a log."""

    generate: Annotated[int, Field(ge=0, le=1024)] = Field(
        0,
        description="Length of the generated value; 0: the value is set by hand.",
        examples=["48"],
    )
    keys: Keys = Field(
        {},
        description="Names of several values stored together as JSON, each with its variable; a "
        "list gives every key the default: `tokens` and `jwt` make `TOKENS_JWT`.",
        examples=["[jwt, admin]", "{jwt: JWT_SECRET, admin: ADMIN_PASSWORD}"],
    )
    arn: Annotated[str, Field(pattern=ARN, max_length=2048)] = Field(
        "",
        description="A secret that is in Secrets Manager already, by its whole ARN: it is used, "
        "never created, changed or deleted.",
        examples=["arn:aws:secretsmanager:eu-central-1:111122223333:secret:shop/stripe-a1B2c3"],
    )
    parameter: Annotated[str, Field(pattern=PARAMETER, max_length=1011)] = Field(
        "",
        description="A parameter that is in Parameter Store already, in the app's account and "
        "region: it is used, never created, changed or deleted.",
        examples=["/shop/production/sentry-dsn"],
    )
    kms: Annotated[str, Field(pattern=KMS)] = Field(
        "",
        description="The ARN of the KMS key that encrypts a value that is there already; only "
        "for a key of your own.",
        examples=["arn:aws:kms:eu-central-1:111122223333:key/1a2b3c4d-0000-4000-8000-000000000000"],
    )

    @classmethod
    def long_form(cls, raw: Any) -> Any:
        """Accept ``by-hand``, and a list of keys."""
        if isinstance(raw, dict) and isinstance(raw.get("keys"), list):
            return {**raw, "keys": _named(raw["keys"])}
        return {"generate": "0"} if raw == "by-hand" else raw

    @property
    def existing(self) -> bool:
        """Return whether the value is somebody else's: used, and never set by Seatrial."""
        return bool(self.arn or self.parameter)

    @property
    def name(self) -> str:
        """Return the name of a secret that is there already, without what ends its ARN."""
        return self.arn.split(":", 6)[-1].rpartition("-")[0]


KEY = "key:"  # begins the attribute that is one of a secret's keys


def key_variables(noun: str, keys: Mapping[str, str]) -> dict[str, str]:
    """Return the variable of each key: the given name, else the noun's and the key's."""
    return {
        key: given or contract.variable(noun, re.sub(r"\W", "_", key).upper())
        for key, given in keys.items()
    }


def _variables(app: App, use: Use) -> Iterator[Variable]:
    """One value, or one for each of its keys; a secret read again also has its ARN."""
    keys = app.secrets[use.name].keys
    for key, name in key_variables(use.name, keys).items():
        yield Variable(name, KEY + key, secret=True)
    if not keys:
        yield Variable(contract.variable(use.name), "value", secret=True)
    if use.access == "live":
        yield Variable(contract.variable(use.name, "ARN"), "arn")


def _check(app: App) -> Iterator[Finding]:
    """Yield what contradicts itself: one value has one source."""
    for name, secret in app.secrets.items():
        path = ("secrets", name)
        sources = [s for s in ("generate", "arn", "parameter") if getattr(secret, s)]
        if len(sources) > 1:
            yield Finding(
                "appfile-secret",
                (*path, sources[1]),
                f"`{sources[0]}` and `{sources[1]}` both say where the value comes from",
                "Keep one of them.",
                tuple((*path, source) for source in sources),
            )
        yield from _regions(app.region, path, secret)
        if secret.kms and not secret.existing:
            yield Finding(
                "appfile-secret",
                (*path, "kms"),
                "`kms` belongs to a value that is there already, by `arn` or `parameter`",
                "Remove it: what Seatrial creates has Secrets Manager's own key.",
            )
        if secret.parameter:
            yield from _parameter(app, name, secret)


def _regions(region: str, path: Path, secret: Secret) -> Iterator[Finding]:
    """The provider looks for a secret in the app's region alone."""
    for key in ("arn", "kms"):
        arn = getattr(secret, key)
        if arn and arn.split(":")[3] != region:
            yield Finding(
                "appfile-secret",
                (*path, key),
                f"this ARN is of {arn.split(':')[3]}, and the app is in {region}",
                f"Replicate the secret to {region}, and name the replica's ARN.",
                ((*path, key), ("region",)),
            )


def _parameter(app: App, name: str, secret: Secret) -> Iterator[Finding]:
    """ECS takes a parameter whole (ECS developer guide, "Pass Systems Manager parameters ...")."""
    if secret.keys:
        yield Finding(
            "appfile-secret",
            ("secrets", name, "keys"),
            "ECS takes a parameter as a whole: it has no keys",
            "Write one entry for each parameter, or keep the JSON in Secrets Manager (`arn`).",
        )
    for service, found in app.services.items():
        for index, use in enumerate(found.uses):
            if use.name == name and use.access == "live":
                yield Finding(
                    "appfile-secret",
                    ("services", service, "uses", index),
                    f"`{name}` is a parameter, and only secrets can be read again by `live`",
                    f"Write `{name}` alone, or keep the value in Secrets Manager.",
                )


def _inside(app: App, name: str, attribute: str) -> str | None:
    """Only a value that is one text and the app's own: another may change at any time."""
    secret = app.secrets[name]
    return "" if attribute == "value" and not secret.existing and not secret.keys else None


def _borrowed(app: App, account: str) -> tuple[str, ...]:
    start = f"arn:aws:ssm:{app.region}:{account}:parameter/"
    return tuple(
        secret.arn or start + secret.parameter.removeprefix("/")
        for secret in app.secrets.values()
        if secret.existing
    )


KIND = Kind(
    section="secrets",
    attributes=("value", "arn"),
    secret=frozenset({"value"}),
    accesses=("", "live"),
    variables=_variables,
    check=_check,
    inside=_inside,
    borrowed=_borrowed,
)
