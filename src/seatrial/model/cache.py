"""A cache: Valkey or Redis on ElastiCache, private, encrypted at rest and in transit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, model_validator

from seatrial.model.finding import Finding
from seatrial.model.kind import Kind, Variable
from seatrial.model.noun import Noun
from seatrial.model.units import Days
from seatrial_runtime import contract

if TYPE_CHECKING:
    from seatrial.model.app import App
    from seatrial.model.service import Use

# Majors that ElastiCache offers for node-based caches, the default last (ElastiCache user guide,
# "Supported engines and versions", read November 2026).
CACHE_VERSIONS = {"valkey": ("7.2", "8.0"), "redis": ("6.2", "7.0", "7.1")}


class Cache(Noun):
    """A Valkey or Redis cache, which only its users reach, over TLS."""

    engine: Literal["valkey", "redis"] = Field(
        "valkey", description="The engine; Valkey costs a fifth less.", examples=["redis"]
    )
    version: str = Field(
        "8.0", description="Version; `8.0` for Valkey, `7.1` for Redis.", examples=["7.2"]
    )
    class_: Annotated[str, Field(pattern=r"^cache\.[a-z0-9]+\.[a-z0-9]+$")] = Field(
        "cache.t4g.micro", alias="class", description="Node class.", examples=["cache.t4g.small"]
    )
    replicas: Annotated[int, Field(ge=0, le=5)] = Field(
        0,
        description="Replicas in other zones; with at least one, "
        "a failed node is replaced automatically.",
        examples=["1"],
    )
    backups: Annotated[Days, Field(ge=0, le=35)] = Field(
        0, description="How long daily backups are kept; 0 disables them.", examples=["7 days"]
    )

    @model_validator(mode="before")
    @classmethod
    def _version_of_engine(cls, raw: Any) -> Any:
        if isinstance(raw, dict) and "version" not in raw:
            known = CACHE_VERSIONS.get(str(raw.get("engine", "valkey")))
            return {**raw, "version": known[-1]} if known else raw
        return raw

    @classmethod
    def long_form(cls, raw: Any) -> Any:
        """Accept an empty value (every default) and a bare engine."""
        if raw == "":
            return {}
        return {"engine": raw} if isinstance(raw, str) else raw


def _variables(_: App, use: Use) -> Iterator[Variable]:
    yield Variable(contract.variable(use.name, "URL"), "url")


def _check(app: App) -> Iterator[Finding]:
    """Yield versions that ElastiCache does not offer."""
    for name, cache in app.caches.items():
        known = CACHE_VERSIONS[cache.engine]
        if cache.version not in known:
            yield Finding(
                "appfile-engine-version",
                ("caches", name, "version"),
                f"ElastiCache does not offer {cache.engine.title()} `{cache.version}`",
                f"Write one of: {', '.join(known)}.",
                (("caches", name, "version"), ("caches", name, "engine")),
            )


KIND = Kind(
    section="caches",
    in_network=True,
    attributes=("host", "port", "url"),
    accesses=("",),
    variables=_variables,
    check=_check,
)
