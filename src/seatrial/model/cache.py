"""A cache: Valkey or Redis on ElastiCache, private, encrypted on the disk and on the wire."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from seatrial.model.noun import Noun
from seatrial.model.units import Days

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
        description="Copies in other zones; with one or more, a lost node is replaced by one.",
        examples=["1"],
    )
    backups: Annotated[Days, Field(ge=0, le=35)] = Field(
        0, description="How long daily backups are kept; 0 makes none.", examples=["7 days"]
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
