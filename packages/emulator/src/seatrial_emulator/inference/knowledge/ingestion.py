"""Ingestion jobs: a bucket's documents are read by the knowledge base's role, cut, and indexed.

What changed is read again, what is gone is forgotten (agents API reference, StartIngestionJob).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from seatrial_emulator.inference.conversation import InferenceError, Model
from seatrial_emulator.inference.knowledge import chunks
from seatrial_emulator.inference.knowledge.records import SERVICE, Base, Bases, Object, Source
from seatrial_emulator.inference.knowledge.search import Chunk
from seatrial_emulator.inference.operations import (
    Operation,
    Operations,
    Request,
    Row,
    identifier,
    now,
)

METADATA = ".metadata.json"  # ends the name of a file with a document's metadata
COUNTS = {
    "scanned": "numberOfDocumentsScanned",
    "new": "numberOfNewDocumentsIndexed",
    "modified": "numberOfModifiedDocumentsIndexed",
    "deleted": "numberOfDocumentsDeleted",
    "failed": "numberOfDocumentsFailed",
    "metadata": "numberOfMetadataDocumentsScanned",
}


class Jobs:
    """The jobs of an account's data sources; each runs in a thread of its own."""

    def __init__(self, bases: Bases, model: Callable[[], Model | None]) -> None:
        self.bases, self.model = bases, model

    def operations(self) -> Operations:
        """Return the operations on jobs, by service and name."""
        runs = {
            "StartIngestionJob": self.start,
            "GetIngestionJob": lambda r: {"ingestionJob": self._job(r.parameters)},
            "ListIngestionJobs": self.list_,
        }
        arn = self.bases.arn
        return {(SERVICE, k): Operation(run=run, resource=arn) for k, run in runs.items()}

    def start(self, request: Request) -> Row:
        """Start a job; one at a time for a data source."""
        given, base = request.parameters, self.bases.base(request.parameters)
        source = self.bases.source(given)
        if any(job["status"] in ("STARTING", "IN_PROGRESS") for job in source.jobs.values()):
            text = "Data source sync is in progress. Try again after it has completed."
            raise InferenceError("ConflictException", text)
        same = ("knowledgeBaseId", "dataSourceId", "description")
        job = {k: given[k] for k in same if given.get(k)}
        job |= {"ingestionJobId": identifier(10, upper=True), "status": "STARTING"}
        job |= {"startedAt": now(), "updatedAt": now(), "statistics": _statistics({})}
        source.jobs[job["ingestionJobId"]] = job
        answer = {"ingestionJob": dict(job)}
        model = self.model()
        run = _Run(self.bases, base, source, job, model if model and model.embeds else None)
        threading.Thread(target=run.run, daemon=True).start()
        return answer

    def _job(self, given: Row) -> Row:
        found = self.bases.source(given).jobs.get(given["ingestionJobId"])
        if found is None:
            text = f"Ingestion job with id {given['ingestionJobId']} does not exist"
            raise InferenceError("ResourceNotFoundException", text)
        return found

    def list_(self, request: Request) -> Row:
        """Return a data source's jobs, the newest first."""
        jobs = list(self.bases.source(request.parameters).jobs.values())
        return {"ingestionJobSummaries": jobs[::-1]}


def _statistics(counts: dict[str, int]) -> Row:
    return {name: counts.get(key, 0) for key, name in COUNTS.items()} | {
        "numberOfMetadataDocumentsModified": 0
    }


@dataclass
class _Run:
    """One job as it runs."""

    bases: Bases
    base: Base
    source: Source
    job: Row
    model: Model | None
    counts: dict[str, int] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Read what differs, and say how it went."""
        self.job["status"] = "IN_PROGRESS"
        try:
            self._read()
            self.job["status"] = "COMPLETE"
        except InferenceError as error:
            self.job["failureReasons"] = [error.message]
            self.job["status"] = "FAILED"
        self.job["updatedAt"] = now()

    def _read(self) -> None:
        bucket, objects = self._objects()
        there = {f"s3://{bucket}/{key}": row for key, row in objects.items()}
        documents = {uri: row for uri, row in there.items() if not uri.endswith(METADATA)}
        for uri, row in documents.items():
            self._one(uri, row, there.get(uri + METADATA))
        gone = self.source.documents.keys() - documents.keys()
        for uri in gone:
            del self.source.documents[uri]
        self.counts |= {"scanned": len(documents), "deleted": len(gone)}
        self.counts["metadata"] = len(there) - len(documents)
        self.job["statistics"] = _statistics(self.counts)
        if self.reasons:
            self.job["failureReasons"] = self.reasons

    def _one(self, uri: str, row: Object, about: Object | None) -> None:
        state = row.etag + (about.etag if about else "") + str(self.model is not None)
        before = self.source.documents.get(uri)
        if before and before[0] == state:
            return
        try:
            texts = chunks.cut(chunks.text_of(row.key, row.data), self._chunking())
            made = self._chunks(uri, texts, _attributes(about))
        except ValueError as error:
            self._count("failed")
            self.reasons.append(f"{uri}: {error}")
            return
        self.source.documents[uri] = (state, made)
        self._count("modified" if before else "new")

    def _count(self, kind: str) -> None:
        self.counts[kind] = self.counts.get(kind, 0) + 1

    def _chunking(self) -> Row:
        configured = self.source.row.get("vectorIngestionConfiguration") or {}
        return configured.get("chunkingConfiguration") or {}

    def _chunks(self, uri: str, texts: list[str], about: Row) -> list[Chunk]:
        self._need("bedrock:InvokeModel", self.base.embedding)
        vectors = _vectors(self.model, texts)
        return [
            Chunk(
                id=identifier(20, upper=False),
                uri=uri,
                source=self.source.row["dataSourceId"],
                text=text,
                metadata=about,
                vector=tuple(vector),
            )
            for text, vector in zip(texts, vectors, strict=True)
        ]

    def _objects(self) -> tuple[str, dict[str, Object]]:
        configured = self.source.row["dataSourceConfiguration"]["s3Configuration"]
        arn = configured["bucketArn"]
        self._need("s3:ListBucket", arn)
        name = arn.rpartition(":")[2]
        prefixes = tuple(configured.get("inclusionPrefixes") or ("",))
        found = {
            row.key: row
            for row in self.bases.roles.objects(name)
            if row.key.startswith(prefixes) and not row.key.endswith("/")
        }
        for key in found:
            self._need("s3:GetObject", f"{arn}/{key}")
        return name, found

    def _need(self, action: str, resource: str) -> None:
        role = self.base.row["roleArn"]
        if not self.bases.roles.allows(role, action, resource):
            text = f"{role} is not authorized to perform: {action} on resource: {resource}"
            raise InferenceError("AccessDeniedException", text)


def _vectors(model: Model | None, texts: list[str]) -> list[list[float]]:
    """Return vectors; empty ones where nothing makes any, and a server may have no such model."""
    if model and texts:
        try:
            return model.embed(texts, None)
        except InferenceError as error:
            if error.kind != "ModelErrorException":
                raise
    return [[] for _ in texts]


def _attributes(about: Object | None) -> Row:
    """Return a document's metadata; raises ValueError for a file that is none."""
    if about is None:
        return {}
    found: Any = json.loads(about.data)
    attributes = found.get("metadataAttributes") if isinstance(found, dict) else None
    if attributes is None:
        raise ValueError("its metadata file has no metadataAttributes")
    return dict(attributes)
