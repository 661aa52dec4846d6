"""Artifacts: register, read, replace, delete, list, search."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from registry import artifacts, ingest, objects, search
from registry.errors import RefusedError
from registry.routes import links
from registry.routes.access import Here, Searcher, Uploader
from registry.routes.shapes import (
    ArtifactQuery,
    Data,
    Envelope,
    Expression,
    Id,
    Name,
    Type,
    metadata,
)
from registry.tables import Artifact, User

routes = APIRouter(tags=["artifacts"])
MOST_QUERIES = 100


def envelope(request: Request, user: User, artifact: Artifact) -> dict[str, Any]:
    """Return the contract's Artifact, with a link to its bytes for those who may have them."""
    data = {"url": artifact.url}
    if user.may("download") and artifact.object_key:
        data["download_url"] = links.download(request, user, artifact.id)
    return {"metadata": metadata(artifact), "data": data}


@routes.post("/artifacts")
def listed(
    here: Here,
    user: Searcher,
    queries: list[ArtifactQuery],
    response: Response,
    offset: Annotated[str, Query(pattern=r"^[0-9]{0,15}$")] = "0",
) -> list[dict[str, str]]:
    """List what any of the queries means, a page of 100; the header `offset` is the next page's."""
    if len(queries) > MOST_QUERIES:
        raise RefusedError(413, f"at most {MOST_QUERIES} queries at once")
    wanted = [artifacts.Query(query.name, tuple(query.types)) for query in queries]
    begin = int(offset or 0)
    with here.transaction() as db:
        found = artifacts.listed(db, wanted, begin)
    response.headers["offset"] = str(begin + len(found))
    return [metadata(artifact) for artifact in found]


@routes.post("/artifact/byRegEx")
def by_expression(here: Here, user: Searcher, body: Expression) -> list[dict[str, str]]:
    """Find by a regular expression (RE2) over names and READMEs."""
    with here.transaction() as db:
        found = search.matching(db, body.regex)
    if not found:
        raise RefusedError(404, "no artifact matches")
    return [metadata(artifact) for artifact in found]


@routes.get("/artifact/byName/{name:path}")
def by_name(here: Here, user: Searcher, name: Name) -> list[dict[str, str]]:
    """Find by exact name."""
    with here.transaction() as db:
        found = artifacts.listed(db, [artifacts.Query(name)], 0) if name != "*" else []
    if not found:
        raise RefusedError(404, "no artifact has this name")
    return [metadata(artifact) for artifact in found]


@routes.post("/artifact/{artifact_type}", status_code=201)
def create(
    here: Here, user: Uploader, artifact_type: Type, body: Data, request: Request
) -> Response:
    """Register what an address points at: on Hugging Face, on GitHub, or uploaded here."""
    made, ready = ingest.add(here, user, artifact_type, body.url, request.url.netloc)
    answer = envelope(request, user, made)
    return JSONResponse(answer, 201 if ready else 202)


@routes.get("/artifacts/{artifact_type}/{id}")
def read(
    here: Here, user: Searcher, artifact_type: Type, id: Id, request: Request
) -> dict[str, Any]:
    """Return an artifact."""
    with here.transaction() as db:
        found = artifacts.find(db, artifact_type, id)
    return envelope(request, user, found)


@routes.put("/artifacts/{artifact_type}/{id}")
def change(
    here: Here, user: Uploader, artifact_type: Type, id: Id, body: Envelope, request: Request
) -> dict[str, Any]:
    """Replace an artifact's content; name, id and type must be its own."""
    with here.transaction() as db:
        name = artifacts.find(db, artifact_type, id).name
    given = body.metadata
    if (given.id, given.type, given.name) != (id, artifact_type, name):
        raise RefusedError(400, "name, id and type must be those of the artifact")
    made = ingest.change(here, user, artifact_type, id, body.data.url, request.url.netloc)
    return envelope(request, user, made)


@routes.delete("/artifacts/{artifact_type}/{id}")
def remove(here: Here, user: Uploader, artifact_type: Type, id: Id) -> dict[str, str]:
    """Delete an artifact and its bytes."""
    with here.transaction() as db:
        artifacts.remove(db, user, artifact_type, id)
    objects.purge(here, 10)
    return {"detail": "the artifact is deleted"}
