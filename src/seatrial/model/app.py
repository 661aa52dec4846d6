"""The app: everything one file says, for one environment."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from seatrial.model import (
    agent,
    bucket,
    cache,
    database,
    domain,
    firewall,
    guardrail,
    job,
    knowledge,
    model,
    queue,
    secret,
    service,
    site,
    table,
    topic,
    users,
)
from seatrial.model.agent import Agent
from seatrial.model.alarms import Alarms, Budget
from seatrial.model.bucket import Bucket
from seatrial.model.cache import Cache
from seatrial.model.database import Database
from seatrial.model.domain import Domain
from seatrial.model.firewall import Firewall
from seatrial.model.guardrail import Guardrail
from seatrial.model.job import Job
from seatrial.model.kind import Kind
from seatrial.model.knowledge import Knowledge
from seatrial.model.model import Model
from seatrial.model.noun import Name, Noun
from seatrial.model.overrides import Overrides
from seatrial.model.queue import Queue
from seatrial.model.secret import Secret
from seatrial.model.service import Service, Use
from seatrial.model.settings import Edge, Logs, Network
from seatrial.model.site import Site
from seatrial.model.table import Table
from seatrial.model.topic import Topic
from seatrial.model.trial import Trial
from seatrial.model.users import Users

Profile = Literal["development", "production"]

# Keys that the design promises and this version does not build yet.
PLANNED = ("gateway",)
# Every kind of noun, in the order in which pictures and dashboards show them; each has a field of
# its section's name in ``App``, and a file of the same name in every room.
KINDS = (
    users.KIND,
    site.KIND,
    service.KIND,
    job.KIND,
    database.KIND,
    table.KIND,
    cache.KIND,
    queue.KIND,
    topic.KIND,
    model.KIND,
    guardrail.KIND,
    knowledge.KIND,
    agent.KIND,
    bucket.KIND,
    secret.KIND,
    domain.KIND,
    firewall.KIND,
)
# The sections whose keys are names that the user chose.
SECTIONS = tuple(kind.section for kind in KINDS if not kind.single)


def wherever(name: str) -> tuple[tuple[str, ...], ...]:
    """Return every path at which a noun of a name could stand."""
    return tuple((k.section,) if k.single else (k.section, name) for k in KINDS)


# AWS allows 50 tags on a resource; two are ours (AWS General Reference, "Tag naming limits").
TagKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9 _.:/=+@-]+$", max_length=128)]
TagValue = Annotated[str, Field(pattern=r"^[A-Za-z0-9 _.:/=+@-]*$", max_length=256)]


# Default classes that a region does not offer, by section (cfn-lint's schemas of 2026-10-20).
OLDER_CLASSES = {
    "ca-west-1": {"databases": "db.t3.micro"},
    "me-central-1": {"caches": "cache.t3.micro"},
    "me-south-1": {"caches": "cache.t3.micro"},
}


def _with_class(noun: Any, class_: str) -> Any:
    return {"class": class_, **noun} if isinstance(noun, dict) else noun


class App(Noun):
    """One app in one environment."""

    app: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=32)] = Field(
        description="The app's name; part of every resource's name.", examples=["model-registry"]
    )
    environment: Name = Field("dev", exclude=True, description="Set by the command, not the file.")
    region: str = Field(description="The AWS region.", examples=["us-east-1"])
    account: Annotated[str, Field(pattern=r"^[0-9]{12}$")] | None = Field(
        None,
        description="The only account that this may be deployed to.",
        examples=["123456789012"],
    )
    profile: Profile = Field(
        "development",
        description="Safety and size defaults. Environments are `production` unless they set this; "
        "the base file alone (`dev`) is `development`.",
        examples=["development"],
    )
    services: dict[Name, Service] = Field(
        {}, description="Programs that keep running.", examples=["{api: {build: ./api}}"]
    )
    sites: dict[Name, Site] = Field(
        {}, description="Static files behind CloudFront.", examples=["{web: {build: ./web}}"]
    )
    jobs: dict[Name, Job] = Field(
        {}, description="Commands on a schedule.", examples=["{nightly: {service: api}}"]
    )
    databases: dict[Name, Database] = Field(
        {}, description="PostgreSQL and MySQL databases.", examples=["{db: {version: 16}}"]
    )
    tables: dict[Name, Table] = Field(
        {}, description="Items found by their key.", examples=["{sessions: {key: id}}"]
    )
    buckets: dict[Name, Bucket] = Field(
        {}, description="Private object storage.", examples=["{models: {versioned: true}}"]
    )
    caches: dict[Name, Cache] = Field(
        {}, description="Valkey and Redis caches.", examples=["{cache: valkey}"]
    )
    queues: dict[Name, Queue] = Field(
        {}, description="Messages between services.", examples=["{orders: {visibility: 5 min}}"]
    )
    topics: dict[Name, Topic] = Field(
        {}, description="Messages that several hear of.", examples=["{events: [mails]}"]
    )
    models: dict[Name, Model] = Field(
        {},
        description="Language and embedding models on Amazon Bedrock.",
        examples=["{writer: us.amazon.nova-lite-v1:0}"],
    )
    guardrails: dict[Name, Guardrail] = Field(
        {},
        description="What users may not ask and answers not say, judged by Amazon Bedrock.",
        examples=["{safe: {filters: {hate: high}}}"],
    )
    knowledge: dict[Name, Knowledge] = Field(
        {},
        description="Documents that Amazon Bedrock finds answers in.",
        examples=["{docs: {bucket: docs, embedding: embedder, store: {...}}}"],
    )
    agents: dict[Name, Agent] = Field(
        {},
        description="Agents on Amazon Bedrock: an instruction, a model, knowledge, a guardrail.",
        examples=["{helper: {model: writer, instruction: You answer ...}}"],
    )
    secrets: dict[Name, Secret] = Field(
        {},
        description="Values that only their users can read.",
        examples=["{session-key: {generate: 48}}"],
    )
    edge: Edge = Field(
        Edge(), description="What is between the internet and the services.", examples=["cdn"]
    )
    domain: Domain | None = Field(
        None, description="The app's own name on the internet.", examples=["example.com"]
    )
    firewall: Firewall | None = Field(
        None, description="AWS WAF in front of the app.", examples=["{rate: 500}"]
    )
    users: Users | None = Field(
        None, description="Users who sign in through Cognito.", examples=["{mfa: required}"]
    )
    alarms: Alarms | None = Field(
        None, description="Who is notified when something is wrong.", examples=["ops@example.com"]
    )
    dashboard: bool = Field(
        False, description="A CloudWatch dashboard of the whole app.", examples=["true"]
    )
    budget: Budget | None = Field(
        None, description="Monthly spending above which someone is notified.", examples=["100"]
    )
    network: Network = Field(
        Network(), description="How tasks reach the internet.", examples=["{outbound: nat}"]
    )
    trial: Trial = Field(
        Trial(),
        description="What a trial checks in addition to health.",
        examples=["{requests: [/notes]}"],
    )
    logs: Logs = Field(Logs(), description="How logs are kept.", examples=["{retention: 30 days}"])

    tags: dict[TagKey, TagValue] = Field(
        {}, max_length=40, description="Tags on everything.", examples=["{team: data}"]
    )
    terraform: Overrides = Field(
        Overrides(),
        description="Terraform for what the app file does not cover.",
        examples=["infra/extra.tf"],
    )

    @model_validator(mode="before")
    @classmethod
    def _classes_of_region(cls, raw: Any) -> Any:
        """Where a region lacks the default class of instances, the one before it is the default."""
        region = raw.get("region") if isinstance(raw, dict) else None
        for section, class_ in OLDER_CLASSES.get(str(region), {}).items():
            nouns = raw.get(section)
            if isinstance(nouns, dict):
                given = {name: _with_class(noun, class_) for name, noun in nouns.items()}
                raw = {**raw, section: given}
        return raw

    @property
    def outbound(self) -> Literal["public", "nat", "endpoints"]:
        """Return how tasks reach the internet, the profile's default filled in."""
        if self.network.outbound:
            return self.network.outbound
        return "nat" if self.profile == "production" else "public"

    def kind_of(self, name: str) -> Kind | None:
        """Return what kind of noun a name means, or None where nothing has this name."""
        return next((kind for kind in KINDS if name in kind.names(self)), None)

    @property
    def uses(self) -> list[Use]:
        """Return what the services use, once for each of them."""
        return [use for service in self.services.values() for use in service.uses]

    @property
    def sections(self) -> frozenset[str]:
        """Return what kinds of things the app has, in the app file's words."""
        found = {kind.section for kind in KINDS if getattr(self, kind.section)}
        found |= {database.engine for database in self.databases.values()}
        found |= {"spot" for service in self.services.values() if service.capacity.spot}
        return frozenset(found)

    @property
    def address_site(self) -> str | None:
        """Return the one site whose address is the app's; None where there is not exactly one."""
        return next(iter(self.sites)) if len(self.sites) == 1 else None
