"""From an address to an artifact: gather facts, rate, copy the bytes, register."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlsplit

import re2
from sqlalchemy import func, select

from registry import artifacts, objects
from registry.errors import NotFoundError, RefusedError, UnreachableError
from registry.scores.facts import Dataset, Facts, code_link, dataset_names
from registry.scores.facts import Repository as Code
from registry.scores.rating import below, rate
from registry.sources import archive
from registry.sources.port import Reference, Source, locate
from registry.store import Registry
from registry.tables import Artifact, Object, User

UPLOAD = re2.compile(r"/upload/([0-9a-f]{32})")
MOST_DATASETS = 5


def add(registry: Registry, user: User, type_: str, url: str, host: str) -> tuple[Artifact, bool]:
    """Register what an address points at; return it, and whether it is ready.

    Raises RefusedError: 400 an address that means nothing, 409 registered already, 424 a rating
    under the minimum or a source that does not answer.
    """
    if key := upload_key(url, host):
        with registry.transaction() as db:
            _refuse_known(db, type_, _origin("upload", key))
        facts, size = uploaded(registry, key, type_, url)
        accept(registry, facts)
        with registry.transaction() as db:
            if not objects.keep(db, key):
                raise RefusedError(409, "an artifact was made of this upload already")
            return artifacts.create(db, user, facts, key, size), True
    reference = locate(url)
    with registry.transaction() as db:
        _refuse_known(db, type_, _origin(reference.source, reference.path))
    facts = gather(registry, reference, type_, url)
    accept(registry, facts)
    if facts.size > registry.settings.copied_at_once:
        with registry.transaction() as db:
            return artifacts.create(db, user, facts, None, 0), False
    with copied(registry, reference, facts) as (db, key, size):
        return artifacts.create(db, user, facts, key, size), True


def change(registry: Registry, user: User, type_: str, id_: str, url: str, host: str) -> Artifact:
    """Replace an artifact's content by what an address points at; raises as ``add``, and 404."""
    with registry.transaction() as db:
        name = artifacts.find(db, type_, id_).name
    if key := upload_key(url, host):
        facts, size = uploaded(registry, key, type_, url)
        facts = facts.model_copy(update={"name": name})
        accept(registry, facts)
        with registry.transaction() as db:
            if not objects.keep(db, key):
                raise RefusedError(400, "an artifact was made of this upload already")
            made = artifacts.replace(db, user, type_, id_, facts, key, size)
    else:
        reference = locate(url)
        facts = gather(registry, reference, type_, url).model_copy(update={"name": name})
        accept(registry, facts)
        with copied(registry, reference, facts) as (db, key, size):
            made = artifacts.replace(db, user, type_, id_, facts, key, size)
    objects.purge(registry)
    return made


def complete(registry: Registry, artifact: Artifact) -> None:
    """Copy the bytes of a pending artifact; it is dropped if they cannot be had."""
    facts = Facts.model_validate(artifact.facts)
    try:
        with copied(registry, locate(facts.url), facts) as (db, key, size):
            row = db.scalar(select(Artifact).where(Artifact.id == artifact.id).with_for_update())
            if row is None:
                objects.discard(db, [key])
                return
            row.state, row.object_key, row.size = "ready", key, size
    except (RefusedError, NotFoundError, UnreachableError):
        with registry.transaction() as db:
            if row := db.get(Artifact, artifact.id):
                db.delete(row)


def gather(registry: Registry, reference: Reference, type_: str, url: str) -> Facts:
    """Return the facts of an artifact, its linked code's and its datasets' among them."""
    if reference.type not in ("any", type_):
        raise RefusedError(400, f"the address is of a {reference.type}, not of a {type_}")
    try:
        facts = source(registry, reference).describe(reference, type_, url)
    except NotFoundError as error:
        raise RefusedError(400, str(error)) from error
    except UnreachableError as error:
        raise RefusedError(424, str(error)) from error
    # The source's own spelling: it may have moved since the address was written.
    origin = _origin(reference.source, facts.reference)
    return linked(registry, facts.model_copy(update={"origin": origin}))


def linked(registry: Registry, facts: Facts) -> Facts:
    """Add what is known of the code and the datasets that a card names."""
    if facts.type != "model":
        return facts
    link = code_link(facts)
    names = dataset_names(facts)[:MOST_DATASETS]
    problems: list[str] = []
    with ThreadPoolExecutor(MOST_DATASETS + 1) as pool:
        code = pool.submit(_timed, _code, registry, link, problems)
        rows = [pool.submit(_timed, _dataset, registry, name, problems) for name in names]
        repository, took = code.result()
        found = [row.result() for row in rows]
    return facts.model_copy(
        update={
            "linked_code": link,
            "repository": facts.repository or repository,
            "datasets": tuple(dataset for dataset, _ in found),
            "problems": (*facts.problems, *problems),
            "spent": facts.spent
            | {"repository": took, "datasets": max((seconds for _, seconds in found), default=0.0)},
        }
    )


def accept(registry: Registry, facts: Facts) -> None:
    """Refuse (424) a model with a known score under the minimum."""
    minimum = registry.settings.ingest_minimum
    if facts.type == "model" and minimum > 0 and (low := below(rate(facts), minimum)):
        raise RefusedError(424, f"under {minimum}: {', '.join(low)}")


@contextmanager
def copied(registry: Registry, reference: Reference, facts: Facts) -> Iterator[tuple]:
    """Copy an artifact's bytes, then give the transaction in which it is registered.

    The object is garbage, and removed, if that transaction does not come to its good end.
    """
    lease = objects.begin(registry, f"{facts.name}.zip")
    try:
        upload = objects.copy(lease, source(registry, reference).bundle(reference, facts))
        with registry.transaction() as db:
            objects.finish(db, lease.key, upload, "kept")
            yield db, lease.key, upload.size
    except BaseException as error:
        with registry.transaction() as db:
            objects.discard(db, [lease.key])
        registry.bucket.delete(lease.key)  # also where its row was swept before
        if isinstance(error, NotFoundError | UnreachableError):
            raise RefusedError(424, str(error)) from error
        raise


def uploaded(registry: Registry, key: str, type_: str, url: str) -> tuple[Facts, int]:
    """Return the facts of an upload, and its bytes; raises RefusedError 400 where there is none."""
    with registry.transaction() as db:
        row = db.scalar(
            select(Object).where(
                Object.key == key, Object.state == "uploaded", Object.until > func.now()
            )
        )
    if row is None:
        raise RefusedError(400, "there is no such upload, or it waited too long, or it is used")
    with registry.bucket.file(key, row.size) as file:
        facts = archive.describe(file, row.filename, row.size, type_, url)
    facts = facts.model_copy(update={"origin": _origin("upload", key)})
    return linked(registry, facts), row.size


def upload_key(url: str, host: str) -> str | None:
    """Return the key of an upload to this host, or None for any other address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    match = UPLOAD.fullmatch(parts.path)
    return objects.PREFIX + match.group(1) if match and parts.netloc == host else None


def source(registry: Registry, reference: Reference) -> Source:
    """Return where a reference is answered."""
    return registry.github if reference.source == "github" else registry.hugging_face


def _origin(source: str, path: str) -> str:
    return f"{source}:{path.lower()}"


def _refuse_known(db, type_: str, origin: str) -> None:
    if db.scalar(select(Artifact.id).where(Artifact.type == type_, Artifact.origin == origin)):
        raise RefusedError(409, "an artifact of this address exists already")


def _timed(work, registry: Registry, given: str | None, problems: list[str]) -> tuple:
    begun = time.perf_counter()
    found = work(registry, given, problems)
    return found, time.perf_counter() - begun


def _code(registry: Registry, link: str | None, problems: list[str]) -> Code | None:
    if link is None:
        return None
    try:
        return registry.github.look(link.removeprefix("https://github.com/"))
    except (NotFoundError, UnreachableError) as error:
        problems.append(f"the code at {link}: {error}")
        return None


def _dataset(registry: Registry, name: str, problems: list[str]) -> Dataset:
    try:
        return registry.hugging_face.dataset(name)
    except UnreachableError as error:
        problems.append(f"the dataset {name}: {error}")
        return Dataset(name=name)
