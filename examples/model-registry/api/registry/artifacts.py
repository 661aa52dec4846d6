"""The registry's rules over its tables. Every write is one transaction with its audit row."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, defer

from registry import lineage, objects
from registry.errors import RefusedError
from registry.scores import facts as scores_facts
from registry.scores.facts import Facts
from registry.scores.rating import rate
from registry.tables import Artifact, Audit, Lineage, Object, Token, User
from seatrial_runtime.logs import request_id

PAGE = 100  # artifacts of one answer
GONE = "the artifact does not exist"
DEEPEST = 8  # levels of parents that a tree score looks at


@dataclass(frozen=True)
class Query:
    """Artifacts of a name, or of any (``*``), and of some types, or of all."""

    name: str
    types: tuple[str, ...] = ()


def record(db: Session, user: User, artifact: Artifact | None, action: str, note: str = "") -> None:
    """Add an audit row to a transaction."""
    db.add(
        Audit(
            user_name=user.name,
            user_is_admin=user.is_admin,
            artifact_id=artifact.id if artifact else None,
            artifact_name=artifact.name if artifact else note,
            artifact_type=artifact.type if artifact else "",
            action=action,
            request_id=request_id.get(),
        )
    )


def create(db: Session, user: User, facts: Facts, object_key: str | None, size: int) -> Artifact:
    """Register an artifact; pending where its bytes still have to come.

    Raises RefusedError 409 where its origin is registered already.
    """
    artifact = Artifact(
        id=str(10**9 + secrets.randbelow(9 * 10**12)),
        type=facts.type,
        name=facts.name,
        url=facts.url,
        origin=facts.origin,
        reference=facts.reference,
        state="ready" if object_key else "pending",
        object_key=object_key,
        size=size,
        readme=facts.card,
        facts=facts.model_dump(mode="json"),
    )
    db.add(artifact)
    try:
        db.flush()
    except IntegrityError as error:
        raise RefusedError(409, "an artifact of this address exists already") from error
    _keep_parents(db, artifact.id, facts)
    record(db, user, artifact, "CREATE")
    return artifact


def replace(
    db: Session, user: User, type_: str, id_: str, facts: Facts, object_key: str, size: int
) -> Artifact:
    """Put a new content in an artifact's place; the old object is garbage."""
    artifact = find(db, type_, id_, lock=True)
    old = artifact.object_key
    artifact.url, artifact.reference = facts.url, facts.reference
    artifact.origin = facts.origin
    artifact.object_key, artifact.size = object_key, size
    artifact.readme, artifact.facts = facts.card, facts.model_dump(mode="json")
    try:
        db.flush()
    except IntegrityError as error:
        raise RefusedError(400, "another artifact has this address") from error
    if old and old != object_key:
        objects.discard(db, [old])
    db.execute(delete(Lineage).where(Lineage.child == id_))
    _keep_parents(db, id_, facts)
    record(db, user, artifact, "UPDATE")
    return artifact


def remove(db: Session, user: User, type_: str, id_: str) -> None:
    """Delete an artifact; its object is garbage. Raises RefusedError 404."""
    artifact = find(db, type_, id_, lock=True)
    record(db, user, artifact, "DELETE")
    key = artifact.object_key
    db.delete(artifact)
    db.flush()
    if key:
        objects.discard(db, [key])


def reset(db: Session, user: User, admin_name: str) -> None:
    """Forget all artifacts, objects and users but the default admin; the audit trail stays."""
    db.execute(text("LOCK TABLE artifacts IN EXCLUSIVE MODE"))
    db.execute(delete(Artifact))
    db.execute(update(Object).values(state="garbage", until=None))
    others = select(User.id).where(User.name != admin_name)
    db.execute(delete(Token).where(Token.user_id.in_(others)))
    db.execute(delete(User).where(User.name != admin_name))
    record(db, user, None, "RESET")


def find(db: Session, type_: str, id_: str, *, lock: bool = False) -> Artifact:
    """Return a ready artifact; raises RefusedError 404."""
    query = select(Artifact).where(
        Artifact.id == id_, Artifact.type == type_, Artifact.state == "ready"
    )
    found = db.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise RefusedError(404, GONE)
    return found


def listed(db: Session, queries: Sequence[Query], offset: int) -> list[Artifact]:
    """Return a page of the artifacts that any of the queries means, oldest first."""
    wanted = []
    for query in queries:
        one = Artifact.name == query.name if query.name != "*" else text("true")
        wanted.append(one & Artifact.type.in_(query.types) if query.types else one)
    if not wanted:
        return []
    rows = select(Artifact).where(Artifact.state == "ready", or_(*wanted))
    rows = rows.options(defer(Artifact.facts))
    return list(db.scalars(rows.order_by(Artifact.number).offset(offset).limit(PAGE)))


def trail(db: Session, id_: str) -> list[Audit]:
    """Return what the contract shows of an artifact's audit, oldest first."""
    shown = ("CREATE", "UPDATE", "DOWNLOAD", "RATE", "AUDIT")
    rows = select(Audit).where(Audit.artifact_id == id_, Audit.action.in_(shown))
    return list(db.scalars(rows.order_by(Audit.id)))


def rated(db: Session, artifact: Artifact, depth: int = 0) -> dict[str, object]:
    """Return an artifact's rating, over what is registered now."""
    facts = Facts.model_validate(artifact.facts)

    def parents() -> list[float]:
        if depth >= DEEPEST:
            return []
        found = _parents(db, [artifact.id])
        models = {row.id: row for _, row in found if row.type == "model" and row.id != artifact.id}
        return [float(str(rated(db, row, depth + 1)["net_score"])) for row in models.values()]

    return rate(facts, parents)


def graph(db: Session, artifact: Artifact) -> lineage.Graph:
    """Return everything upstream of an artifact, registered or not, and itself."""
    made = lineage.Graph(artifact.id)
    made.nodes[artifact.id] = _node(artifact, "registry")
    level = [artifact.id]
    while level:
        known = _parents(db, level)
        found = {(row.child, row.type, row.reference): parent for row, parent in known}
        below: list[str] = []
        for row in db.scalars(select(Lineage).where(Lineage.child.in_(level))):
            parent = found.get((row.child, row.type, row.reference))
            node = _node(parent, row.source) if parent else _outside(row)
            if node.id == row.child:
                continue
            made.edges.append(lineage.Edge(node.id, row.child, row.relationship))
            if node.id not in made.nodes:
                made.nodes[node.id] = node
                if parent:
                    below.append(node.id)
        level = below
    return made


def _parents(db: Session, children: list[str]) -> list[tuple[Lineage, Artifact]]:
    """Return the registered parents; of several of one reference, the oldest.

    A reference without an owner means an artifact of that name.
    """
    same = tuple_(Artifact.type, Artifact.reference) == tuple_(Lineage.type, Lineage.reference)
    bare = (Artifact.type == Lineage.type) & (func.lower(Artifact.name) == Lineage.reference)
    rows = db.execute(
        select(Lineage, Artifact)
        .join(Artifact, same | bare)
        .where(Lineage.child.in_(children), Artifact.state == "ready")
        .order_by(Artifact.number)
    )
    first: dict[tuple[str, str, str], tuple[Lineage, Artifact]] = {}
    for row, parent in rows:
        first.setdefault((row.child, row.type, row.reference), (row, parent))
    return list(first.values())


def _node(artifact: Artifact, source: str) -> lineage.Node:
    return lineage.Node(
        artifact.id, artifact.name, source, artifact.type, registered=True, size=artifact.size
    )


def _outside(row: Lineage) -> lineage.Node:
    id_ = lineage.external_id(row.type, row.reference)
    return lineage.Node(id_, row.reference, row.source, row.type, registered=False)


def _keep_parents(db: Session, id_: str, facts: Facts) -> None:
    rows = [
        {
            "child": id_,
            "type": parent.type,
            "reference": parent.reference,
            "relationship": parent.relationship,
            "source": parent.source,
        }
        for parent in scores_facts.parents(facts)
    ]
    if rows:
        db.execute(insert(Lineage).on_conflict_do_nothing(), rows)


def by_ids(db: Session, ids: Sequence[str]) -> list[Artifact]:
    """Return artifacts of these ids, in their order."""
    found = {row.id: row for row in db.scalars(select(Artifact).where(Artifact.id.in_(ids)))}
    return [found[id_] for id_ in ids if id_ in found]
