"""Knowledge bases, their data sources and jobs: the operations on them (agents API reference)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Protocol

from seatrial_emulator.inference.conversation import InferenceError
from seatrial_emulator.inference.knowledge.search import Chunk
from seatrial_emulator.inference.operations import (
    Operation,
    Operations,
    Place,
    Request,
    Row,
    Tags,
    identifier,
    now,
)

SERVICE = "bedrock-agent"
# Where vectors may lie here, and what each store's secret must hold (user guide, "Prerequisites
# for using a vector store you created for a knowledge base").
STORES: dict[str, tuple[str, tuple[str, ...]]] = {
    "PINECONE": ("pineconeConfiguration", ("apiKey",)),
    "RDS": ("rdsConfiguration", ("username", "password")),
}
NO_ROLE = (
    "Bedrock Knowledge Base was unable to assume the given role. Provide the proper permissions "
    "and retry the request."
)
BAD_STORE = "The knowledge base storage configuration provided is invalid... "


class Object(Protocol):
    """One object of a bucket."""

    key: str
    etag: str
    data: bytes


class Roles(Protocol):
    """The account's roles, as the service uses them."""

    def assumable(self, role: str, service: str) -> bool:
        """Return whether a role trusts a service."""

    def allows(self, role: str, action: str, resource: str) -> bool:
        """Return whether a role's policies allow an action."""

    def objects(self, bucket: str) -> Any:
        """Yield the objects of a bucket."""

    def secret(self, arn: str) -> str | None:
        """Return a secret's value."""


@dataclass
class Source:
    """A data source: its record, its jobs, and what was read of each document, by its address."""

    row: Row
    jobs: dict[str, Row] = field(default_factory=dict)
    documents: dict[str, tuple[str, list[Chunk]]] = field(default_factory=dict)


@dataclass
class Base:
    """A knowledge base: its record and its data sources."""

    row: Row
    sources: dict[str, Source] = field(default_factory=dict)

    @property
    def chunks(self) -> list[Chunk]:
        """Return everything that was read."""
        rows = (row for source in self.sources.values() for row in source.documents.values())
        return [chunk for _, chunks in rows for chunk in chunks]

    @property
    def embedding(self) -> str:
        """Return the ARN of the model that makes vectors."""
        found = self.row["knowledgeBaseConfiguration"]["vectorKnowledgeBaseConfiguration"]
        return str(found["embeddingModelArn"])


class Bases:
    """One account's knowledge bases."""

    def __init__(self, place: Place, tags: Tags, roles: Roles) -> None:
        self.place, self.tags, self.roles = place, tags, roles
        self.rows: dict[str, Base] = {}

    def operations(self) -> Operations:
        """Return the operations on knowledge bases and data sources, by service and name."""
        runs = {
            "CreateDataSource": self.create_source,
            "DeleteDataSource": self.delete_source,
            "DeleteKnowledgeBase": self.delete,
            "GetDataSource": lambda r: {"dataSource": self.source(r.parameters).row},
            "GetKnowledgeBase": lambda r: {"knowledgeBase": self.base(r.parameters).row},
            "ListDataSources": self.list_sources,
            "UpdateDataSource": self.update_source,
            "UpdateKnowledgeBase": self.update,
        }
        found: Operations = {
            (SERVICE, name): Operation(run=run, resource=self.arn) for name, run in runs.items()
        }
        found[SERVICE, "CreateKnowledgeBase"] = Operation(run=self.create)
        found[SERVICE, "ListKnowledgeBases"] = Operation(run=self.list_)
        return found

    def arn(self, given: Row) -> str:
        """Return the ARN of the knowledge base that a call is about."""
        return self.place.arn("knowledge-base", given["knowledgeBaseId"].rpartition("/")[2])

    def base(self, given: Row) -> Base:
        """Return the knowledge base of a call; raises InferenceError."""
        name = given["knowledgeBaseId"].rpartition("/")[2]
        if name not in self.rows:
            text = f"Knowledge base with id {name} does not exist"
            raise InferenceError("ResourceNotFoundException", text)
        return self.rows[name]

    def source(self, given: Row) -> Source:
        """Return the data source of a call; raises InferenceError."""
        found = self.base(given).sources.get(given["dataSourceId"])
        if found is None:
            text = f"DataSource with id {given['dataSourceId']} does not exist"
            raise InferenceError("ResourceNotFoundException", text)
        return found

    def create(self, request: Request) -> Row:
        """Create a knowledge base whose role and store hold."""
        given = request.parameters
        if any(base.row["name"] == given["name"] for base in self.rows.values()):
            text = f"KnowledgeBase with name {given['name']} already exists."
            raise InferenceError("ConflictException", text)
        self._refuse(given)
        name = identifier(10, upper=True)
        row = _stated(given) | {
            "knowledgeBaseId": name,
            "knowledgeBaseArn": self.place.arn("knowledge-base", name),
            "status": "ACTIVE",
            "createdAt": now(),
            "updatedAt": now(),
        }
        self.rows[name] = Base(row)
        self.tags.rows[row["knowledgeBaseArn"]] = dict(given.get("tags") or {})
        return {"knowledgeBase": row}

    def update(self, request: Request) -> Row:
        """Change a knowledge base's name, description or role."""
        base = self.base(request.parameters)
        base.row |= _stated(request.parameters) | {"updatedAt": now()}
        return {"knowledgeBase": base.row}

    def delete(self, request: Request) -> Row:
        """Delete a knowledge base with its data sources."""
        base = self.base(request.parameters)
        del self.rows[base.row["knowledgeBaseId"]]
        self.tags.rows.pop(base.row["knowledgeBaseArn"], None)
        return {"knowledgeBaseId": base.row["knowledgeBaseId"], "status": "DELETING"}

    def list_(self, _: Request) -> Row:
        """Return every knowledge base in short."""
        return {"knowledgeBaseSummaries": [base.row for base in self.rows.values()]}

    def create_source(self, request: Request) -> Row:
        """Create a data source; the only kind here is a bucket."""
        given, base = request.parameters, self.base(request.parameters)
        kind = given["dataSourceConfiguration"]["type"]
        if kind != "S3":
            text = f"The emulator does not support data sources of type {kind}: S3 it does."
            raise InferenceError("NotImplementedException", text)
        if any(source.row["name"] == given["name"] for source in base.sources.values()):
            text = f"DataSource with name {given['name']} already exists."
            raise InferenceError("ConflictException", text)
        name = identifier(10, upper=True)
        row = {"dataDeletionPolicy": "DELETE"} | _stated(given)
        row |= {"dataSourceId": name, "status": "AVAILABLE"}
        base.sources[name] = Source(row | {"createdAt": now(), "updatedAt": now()})
        return {"dataSource": base.sources[name].row}

    def update_source(self, request: Request) -> Row:
        """Change a data source."""
        source = self.source(request.parameters)
        source.row |= _stated(request.parameters) | {"updatedAt": now()}
        return {"dataSource": source.row}

    def delete_source(self, request: Request) -> Row:
        """Delete a data source with what was read of it."""
        row = self.source(request.parameters).row
        del self.base(request.parameters).sources[row["dataSourceId"]]
        same = {key: row[key] for key in ("dataSourceId", "knowledgeBaseId")}
        return same | {"status": "DELETING"}

    def list_sources(self, request: Request) -> Row:
        """Return a knowledge base's data sources in short."""
        rows = [source.row for source in self.base(request.parameters).sources.values()]
        return {"dataSourceSummaries": rows}

    def _refuse(self, given: Row) -> None:
        if not self.roles.assumable(given["roleArn"], "bedrock"):
            raise InferenceError("ValidationException", NO_ROLE)
        storage = given.get("storageConfiguration") or {}
        kind = storage.get("type", "")
        if given["knowledgeBaseConfiguration"]["type"] != "VECTOR" or kind not in STORES:
            text = f"The emulator does not support knowledge bases with the store {kind or 'none'}"
            raise InferenceError("NotImplementedException", text)
        key, wanted = STORES[kind]
        self._refuse_secret(given["roleArn"], storage[key]["credentialsSecretArn"], wanted)

    def _refuse_secret(self, role: str, secret: str, wanted: tuple[str, ...]) -> None:
        if not self.roles.allows(role, "secretsmanager:GetSecretValue", secret):
            text = f"{role} is not authorized to perform: secretsmanager:GetSecretValue"
            raise InferenceError("ValidationException", BAD_STORE + text)
        try:
            value = json.loads(self.roles.secret(secret) or "")
        except ValueError:
            value = None
        if not isinstance(value, dict) or any(not value.get(key) for key in wanted):
            text = f"The secret {secret} has no {' and '.join(wanted)} in its JSON."
            raise InferenceError("ValidationException", BAD_STORE + text)


def _stated(given: Row) -> Row:
    """Return what a request says of a resource."""
    left_out = ("tags", "clientToken")
    return {k: v for k, v in given.items() if k not in left_out and v is not None}
