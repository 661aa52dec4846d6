"""A database: managed PostgreSQL, private, encrypted, with its password kept as a secret."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from seatrial.model.noun import Noun
from seatrial.model.units import Days, Storage

# Majors that RDS offers in standard support (AWS: "Release calendars for Amazon RDS for
# PostgreSQL", read November 2026).
POSTGRES_VERSIONS = ("13", "14", "15", "16", "17", "18")
# The end of standard support, by the same calendars; afterwards every vCPU costs extra.
ENDS = {
    "13": date(2026, 2, 28),
    "14": date(2027, 2, 28),
    "15": date(2028, 2, 29),
    "16": date(2029, 2, 28),
    "17": date(2030, 2, 28),
    "18": date(2031, 2, 28),
}


class Database(Noun):
    """A PostgreSQL database on RDS."""

    engine: Literal["postgres"] = Field(
        "postgres", description="The database engine.", examples=["postgres"]
    )
    version: str = Field("16", description="Major version of the engine.", examples=["16"])
    class_: Annotated[str, Field(pattern=r"^db\.[a-z0-9]+\.[a-z0-9]+$")] = Field(
        "db.t4g.micro", alias="class", description="RDS instance class.", examples=["db.t4g.small"]
    )
    storage: Annotated[Storage, Field(ge=20, le=65536)] = Field(
        20, description="Disk; grows by itself up to five times this size.", examples=["50 GB"]
    )
    multi_az: bool = Field(False, description="A standby in a second zone.", examples=["true"])
    backups: Annotated[Days, Field(ge=1, le=35)] = Field(
        7, description="How long automatic backups are kept.", examples=["30 days"]
    )
