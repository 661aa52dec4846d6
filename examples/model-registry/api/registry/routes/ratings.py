"""Scores, cost, lineage, license, audit of an artifact."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool

from registry import artifacts, lineage
from registry.errors import NotFoundError, RefusedError, UnreachableError
from registry.routes.access import Here, Searcher
from registry.routes.shapes import Id, LicenseCheck, Type, audit_entry
from registry.scores import licenses
from registry.scores.facts import Facts
from registry.scores.rating import license_of
from registry.sources.port import locate

routes = APIRouter(tags=["ratings"])


@routes.get("/artifact/model/{id}/rate")
def rate(here: Here, user: Searcher, id: Id) -> dict[str, Any]:
    """Return a model's scores, computed now; `unknown` names those that nobody can know."""
    with here.transaction() as db:
        found = artifacts.find(db, "model", id)
        rating = artifacts.rated(db, found)
        artifacts.record(db, user, found, "RATE")
    return rating


@routes.get("/artifact/model/{id}/lineage")
def lineage_(here: Here, user: Searcher, id: Id) -> dict[str, Any]:
    """Return what a model was made from, as its card and configuration say."""
    with here.transaction() as db:
        return artifacts.graph(db, artifacts.find(db, "model", id)).as_json()


@routes.post("/artifact/model/{id}/license-check")
async def license_check(here: Here, user: Searcher, id: Id, body: LicenseCheck) -> bool:
    """Say whether a GitHub project may fine-tune and ship a model; unknown is false."""

    def check() -> bool:
        reference = locate(body.github_url)
        if reference.source != "github":
            raise RefusedError(400, "a project's address is https://github.com/OWNER/NAME")
        with here.transaction() as db:
            model = Facts.model_validate(artifacts.find(db, "model", id).facts)
        try:
            project = here.github.license(reference.path)
        except NotFoundError as error:
            raise RefusedError(404, str(error)) from error
        except UnreachableError as error:
            raise RefusedError(502, str(error)) from error
        return licenses.compatible(license_of(model), project)

    return await run_in_threadpool(check)


@routes.get("/artifact/{artifact_type}/{id}/cost")
def cost(
    here: Here, user: Searcher, artifact_type: Type, id: Id,
    dependency: Annotated[bool, Query()] = False,
) -> dict[str, dict[str, float]]:  # fmt: skip
    """Return what must be downloaded, in MB; with `dependency`, all that is upstream too."""
    with here.transaction() as db:
        graph = artifacts.graph(db, artifacts.find(db, artifact_type, id))
    return lineage.costs(graph, dependencies=dependency)


@routes.get("/artifact/{artifact_type}/{id}/audit")
def audit(here: Here, user: Searcher, artifact_type: Type, id: Id) -> list[dict[str, Any]]:
    """Return who did what with an artifact; this question is part of it."""
    with here.transaction() as db:
        found = artifacts.find(db, artifact_type, id)
        artifacts.record(db, user, found, "AUDIT")
        db.flush()
        return [audit_entry(row) for row in artifacts.trail(db, id)]
