"""The app: everything one file says, for one environment."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from seatrial.model.bucket import Bucket
from seatrial.model.database import Database
from seatrial.model.job import Job
from seatrial.model.noun import Name, Noun
from seatrial.model.secret import Secret
from seatrial.model.service import Service
from seatrial.model.settings import Edge, Logs, Network
from seatrial.model.trial import Trial

Profile = Literal["development", "production"]

# Keys that the design promises and this version does not build yet.
PLANNED = ("sites", "users", "agents", "domain", "alarms", "budget", "firewall", "caches", "queues")


class App(Noun):
    """One app in one environment."""

    app: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=32)] = Field(
        description="The app's name; part of the name of everything.", examples=["model-registry"]
    )
    environment: Name = Field("dev", exclude=True, description="Set by the command, not the file.")
    region: str = Field(description="The AWS region.", examples=["us-east-1"])
    account: Annotated[str, Field(pattern=r"^\d{12}$")] | None = Field(
        None, description="The only account this may be deployed to.", examples=["123456789012"]
    )
    profile: Profile = Field(
        "development",
        description="How careful to be. Environments are `production` unless they say otherwise; "
        "the base file alone (`dev`) is `development`.",
        examples=["development"],
    )
    services: dict[Name, Service] = Field(
        {}, description="Programs that keep running.", examples=["{api: {build: ./api}}"]
    )
    jobs: dict[Name, Job] = Field(
        {}, description="Commands on a schedule.", examples=["{nightly: {service: api}}"]
    )
    databases: dict[Name, Database] = Field(
        {}, description="PostgreSQL databases.", examples=["{db: {version: 16}}"]
    )
    buckets: dict[Name, Bucket] = Field(
        {}, description="Private object storage.", examples=["{models: {versioned: true}}"]
    )
    secrets: dict[Name, Secret] = Field(
        {},
        description="Values that only their users can read.",
        examples=["{session-key: {generate: 48}}"],
    )
    edge: Edge = Field(
        Edge(), description="What stands between internet and services.", examples=["cdn"]
    )
    network: Network = Field(
        Network(), description="How tasks reach the internet.", examples=["{outbound: nat}"]
    )
    trial: Trial = Field(
        Trial(),
        description="What a trial checks beside health.",
        examples=["{requests: [/notes]}"],
    )
    logs: Logs = Field(
        Logs(), description="What happens to the output.", examples=["{retention: 30 days}"]
    )

    @property
    def outbound(self) -> Literal["public", "nat", "endpoints"]:
        """Return how tasks reach the internet, the profile's default filled in."""
        if self.network.outbound:
            return self.network.outbound
        return "nat" if self.profile == "production" else "public"

    def kind_of(self, name: str) -> str | None:
        """Return the section a noun stands in, or None where nothing has this name."""
        for section in ("services", "jobs", "databases", "buckets", "secrets"):
            if name in getattr(self, section):
                return section
        return None
