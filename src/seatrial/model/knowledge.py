"""A knowledge base: documents of a bucket, read by Amazon Bedrock and found for questions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from seatrial.model.finding import Finding, Path, nearest
from seatrial.model.kind import Kind, Variable
from seatrial.model.noun import Name, Noun
from seatrial.model.units import Percent
from seatrial_runtime import contract

if TYPE_CHECKING:
    from seatrial.model.app import App
    from seatrial.model.service import Use

# Regions without AWS::Bedrock::KnowledgeBase (cfn-lint's schemas of 2026-10-20).
NOT_OFFERED = frozenset(
    {"af-south-1", "ap-east-1", "ap-east-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5"}
    | {"ap-southeast-6", "ap-southeast-7", "ca-west-1", "cn-north-1", "cn-northwest-1"}
    | {"il-central-1", "me-central-1", "mx-central-1", "us-west-1"}
)
# The only databases that take vectors of Bedrock's (agents API reference, RdsConfiguration).
CLUSTER = re.compile(r"arn:aws[a-z-]*:rds:[a-z0-9-]+:\d{12}:cluster:[a-zA-Z0-9-]{1,63}")
NEEDED = {"pinecone": ("apiKey",), "aurora": ("username", "password")}


class Store(Noun):
    """Where the vectors lie: an index of Pinecone's, or an Aurora cluster with the Data API."""

    pinecone: Annotated[str, Field(pattern=r"^(https://[^\s/]+)?$", max_length=2048)] = Field(
        "", description="The address of an index.", examples=["https://docs-x1.svc.pinecone.io"]
    )
    namespace: Annotated[str, Field(max_length=2048)] = Field(
        "", description="A namespace of Pinecone's index.", examples=["live"]
    )
    aurora: str = Field(
        "",
        description="The ARN of an Aurora PostgreSQL cluster with pgvector and the Data API.",
        examples=["arn:aws:rds:us-east-1:123456789012:cluster:vectors"],
    )
    database: Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]*$", max_length=63)] = Field(
        "", description="The database in the cluster.", examples=["postgres"]
    )
    table: Annotated[str, Field(pattern=r"^[a-zA-Z0-9_.-]*$", max_length=63)] = Field(
        "",
        description="The table, with the columns `id`, `embedding`, `chunks` and `metadata`.",
        examples=["bedrock_integration.bedrock_kb"],
    )
    secret: Name = Field(
        description="One of `secrets` that is there already (`arn`), JSON: `apiKey` for Pinecone, "
        "`username` and `password` for Aurora.",
        examples=["pinecone"],
    )

    @classmethod
    def long_form(cls, raw: Any) -> Any:
        """Take a bare name for a database, which the check refuses with what is possible."""
        return {"aurora": raw, "secret": "none"} if isinstance(raw, str) else raw

    @property
    def kind(self) -> str:
        """Return which store it is."""
        return "pinecone" if self.pinecone else "aurora"


class Chunks(Noun):
    """How documents are cut."""

    tokens: Annotated[int, Field(ge=1, le=8192)] = Field(
        300, description="The most tokens of a chunk.", examples=["500"]
    )
    overlap: Annotated[Percent, Field(ge=1, le=99)] = Field(
        20, description="How much of a chunk the next repeats.", examples=["10%"]
    )


class Knowledge(Noun):
    """A knowledge base on Amazon Bedrock; every deploy that changes its files reads them again."""

    bucket: Name = Field(description="The bucket with the documents.", examples=["docs"])
    prefix: Annotated[str, Field(max_length=300)] = Field(
        "", description="Only objects whose keys begin so.", examples=["manuals/"]
    )
    embedding: Name = Field(
        description="One of `models` that makes embeddings.", examples=["embedder"]
    )
    store: Store = Field(
        description="Where the vectors lie.", examples=["{pinecone: https://..., secret: key}"]
    )
    chunks: Chunks = Field(
        Chunks(), description="How documents are cut.", examples=["{tokens: 500}"]
    )


def _variables(_: App, use: Use) -> Iterator[Variable]:
    yield Variable(contract.variable(use.name, "KNOWLEDGE"), "id")
    if use.access == "sync":
        yield Variable(contract.variable(use.name, "SOURCE"), "source")


def _check(app: App) -> Iterator[Finding]:
    """Yield what Bedrock would refuse of a knowledge base."""
    if app.knowledge and app.region in NOT_OFFERED:
        text = f"Amazon Bedrock has no knowledge bases in {app.region}"
        fix = "Deploy to a region that has them, such as us-east-1 or eu-west-1."
        yield Finding("appfile-choice", ("knowledge",), text, fix, (("knowledge",), ("region",)))
    for name, found in app.knowledge.items():
        path: Path = ("knowledge", name)
        if found.bucket not in app.buckets:
            text = f"there is no bucket `{found.bucket}`"
            fix = nearest(found.bucket, app.buckets)
            yield Finding("appfile-use", (*path, "bucket"), text, fix)
        yield from _embedding(app, path, found)
        yield from _store(app, (*path, "store"), found.store)


def _embedding(app: App, path: Path, found: Knowledge) -> Iterator[Finding]:
    model, path = app.models.get(found.embedding), (*path, "embedding")
    if model is None:
        text = f"there is no model `{found.embedding}`"
        yield Finding("appfile-use", path, text, nearest(found.embedding, app.models))
    elif model.geography or "embed" not in model.bedrock:
        text = f"`{model.bedrock}` makes no embeddings of a knowledge base"
        fix = "Take an embedding model by its own ID, such as amazon.titan-embed-text-v2:0."
        yield Finding("appfile-choice", path, text, fix, (path, ("models", found.embedding)))


def _store(app: App, path: Path, store: Store) -> Iterator[Finding]:
    if kind := app.kind_of(store.aurora):
        text = (
            f"`{store.aurora}` is one of the app's {kind.section}, and Bedrock keeps vectors in "
            "Aurora clusters with the Data API, never in an RDS instance"
        )
        fix = "Name a cluster's ARN (`aurora`), or an index of Pinecone's (`pinecone`)."
        yield Finding("appfile-choice", path, text, fix)
        return
    if bool(store.pinecone) == bool(store.aurora):
        text = "a store is either `pinecone` or `aurora`"
        yield Finding("appfile-choice", path, text, "Keep one of them.")
        return
    if store.aurora and not CLUSTER.fullmatch(store.aurora):
        text = f"`{store.aurora}` is no ARN of an Aurora cluster"
        fix = "Write it as arn:aws:rds:REGION:ACCOUNT:cluster:NAME."
        yield Finding("appfile-choice", (*path, "aurora"), text, fix)
    for key in ("database", "table"):
        if store.aurora and not getattr(store, key):
            text = f"Aurora needs the `{key}` of the vectors"
            yield Finding("appfile-choice", path, text, f"Give it `{key}`.")
    yield from _secret(app, (*path, "secret"), store)


def _secret(app: App, path: Path, store: Store) -> Iterator[Finding]:
    """Bedrock asks the store when the knowledge base is made: the value must be there before."""
    secret = app.secrets.get(store.secret)
    if secret is None:
        text = f"there is no secret `{store.secret}`"
        yield Finding("appfile-use", path, text, nearest(store.secret, app.secrets))
    elif not secret.arn:
        keys = " and ".join(f"`{key}`" for key in NEEDED[store.kind])
        text = "Bedrock reads this secret while the foundation is made, before any value is set"
        fix = f"Keep {keys} as JSON in a secret of your own, and name it by `arn`."
        yield Finding("appfile-choice", path, text, fix, (path, ("secrets", store.secret)))


KIND = Kind(
    section="knowledge",
    attributes=("id", "arn", "source"),
    accesses=("", "sync"),
    variables=_variables,
    check=_check,
)
