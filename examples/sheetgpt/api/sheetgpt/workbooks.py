"""Workbooks: changed in one order, whoever changes them and whichever process takes the request.

The database's row of a workbook is the lock. A process brings its copy up to date by the changes
that others made, carries the new ones out, and writes them down in the same transaction.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import func, or_, select, text, update
from sqlalchemy.orm import Session, undefer

from sheetgpt.errors import RefusedError
from sheetgpt.live import CHANNEL
from sheetgpt.memory import Held
from sheetgpt.sheets import shifts
from sheetgpt.sheets.engine import Book
from sheetgpt.sheets.operations import Operation, Operations
from sheetgpt.store import Store
from sheetgpt.tables import Change, Member, User, Version, Workbook

T = TypeVar("T")
SNAPSHOT = 100  # changes between two snapshots: a process that opens a workbook replays fewer


def create(store: Store, user: User, name: str, book: Book | None = None, **more: Any) -> Workbook:
    """Create a workbook, empty or from one in memory."""
    xlsx = (book or Book.new()).xlsx()
    made = Workbook(owner_id=user.id, name=name, snapshot=xlsx, seq=0, snapshot_seq=0, **more)
    with store.transaction() as db:
        db.add(made)
    return made


def visible(user: User) -> Any:
    """Return the condition for workbooks that a user may see."""
    shared = select(Member.workbook_id).where(Member.user_id == user.id)
    return or_(Workbook.owner_id == user.id, Workbook.id.in_(shared))


def find(db: Session, user: User, workbook: int, *, edit: bool = False) -> Workbook:
    """Return a workbook that a user may see, or edit; raises RefusedError 404 or 403."""
    found = db.scalar(select(Workbook).where(Workbook.id == workbook, visible(user)))
    if found is None:
        raise RefusedError(404, f"there is no workbook {workbook}")
    if edit and found.owner_id != user.id:
        member = db.get(Member, (workbook, user.id))
        if member is None or not member.may_edit:
            raise RefusedError(403, "you may read this workbook, not change it")
    return found


def read(store: Store, user: User, workbook: int, look: Callable[[Book, int], T]) -> T:
    """Call ``look`` with a workbook's present state and the number of its last change."""
    held = store.books.held(workbook)
    with held.lock, store.transaction() as db:
        found = find(db, user, workbook)
        return look(_current(db, held, found), held.seq)


def change(
    store: Store, user: User, workbook: int, operations: Sequence[Operation], *,
    base: int | None = None, why: str = "",
) -> Change:  # fmt: skip
    """Carry operations out, as one change that can be undone.

    ``base`` is the change up to which the caller has seen the workbook: what others moved since is
    taken into account. Raises RefusedError.
    """

    def now(db: Session, found: Workbook) -> tuple[list[Operation], Change]:
        later = _operations_since(db, found, base)
        return shifts.rebase(operations, later), Change(why=why)

    return _append(store, user, workbook, now)


def undo(store: Store, user: User, workbook: int) -> Change:
    """Undo a user's last change that is not undone; raises RefusedError 409 for nothing to undo."""
    return _reverse(store, user, workbook, redo=False)


def redo(store: Store, user: User, workbook: int) -> Change:
    """Do what a user undid last; raises RefusedError 409 where there is nothing."""
    return _reverse(store, user, workbook, redo=True)


def history(db: Session, workbook: int, *, before: int | None, limit: int) -> list[Any]:
    """Return changes with their authors' addresses, the last first."""
    rows = select(Change, User.email).join(User, User.id == Change.user_id)
    rows = rows.where(Change.workbook_id == workbook)
    if before is not None:
        rows = rows.where(Change.seq < before)
    return list(db.execute(rows.order_by(Change.seq.desc()).limit(limit)).all())


def name_version(store: Store, user: User, workbook: int, name: str) -> Version:
    """Keep the present state under a name."""
    xlsx, seq = read(store, user, workbook, lambda book, seq: (book.xlsx(), seq))
    made = Version(workbook_id=workbook, seq=seq, name=name, xlsx=xlsx)
    with store.transaction() as db:
        find(db, user, workbook, edit=True)
        db.add(made)
    return made


def _reverse(store: Store, user: User, workbook: int, *, redo: bool) -> Change:
    kind = "redo" if redo else "undo"

    def now(db: Session, found: Workbook) -> tuple[list[Operation], Change]:
        target = _last(db, found.id, user, kind)
        later = db.execute(
            select(Change.seq, Change.undoes, Change.operations)
            .where(Change.workbook_id == found.id, Change.seq > target.seq)
            .order_by(Change.seq)
        ).all()
        operations = shifts.rebase(
            Operations.validate_python(target.undo), _net(later), yielding=True
        )
        made = Change(kind=kind, why=f"{kind} of change {target.seq}", undoes=target.seq)
        return operations, made

    return _append(store, user, workbook, now)


def _net(later: Sequence[Any]) -> list[Operation]:
    """Return what changes did together: one that was undone, and its undo, did nothing."""
    undoes = {row.seq: row.undoes for row in later}
    runs: dict[int, list[Any]] = {}
    for row in later:
        root = row.seq
        while undoes[root] in undoes:
            root = undoes[root]
        runs.setdefault(root, []).append(row)
    counted = [rows[0] for rows in runs.values() if len(rows) % 2]
    return [
        operation
        for row in sorted(counted, key=lambda row: row.seq)
        for operation in Operations.validate_python(row.operations)
    ]


def _last(db: Session, workbook: int, user: User, kind: str) -> Change:
    """Return the change to reverse: a user's last one, or the last undo with no change after it."""
    mine = (
        select(Change)
        .where(Change.workbook_id == workbook, Change.user_id == user.id)
        .where(Change.undone_by.is_(None))
        .options(undefer(Change.undo))
        .order_by(Change.seq.desc())
    )
    for found in db.scalars(mine):
        if kind == "redo" and found.kind == "change":
            break
        if (found.kind == "undo") == (kind == "redo"):
            return found
    raise RefusedError(409, f"there is nothing of yours to {kind}")


def _append(
    store: Store, user: User, workbook: int,
    now: Callable[[Session, Workbook], tuple[list[Operation], Change]],
) -> Change:  # fmt: skip
    held = store.books.held(workbook)
    with held.lock:
        try:
            with store.transaction() as db:
                found = _locked(db, user, workbook)
                book = _current(db, held, found)
                operations, made = now(db, found)
                _write(db, found, user, made, operations, book.apply(operations))
                if found.seq - found.snapshot_seq >= SNAPSHOT:
                    found.snapshot, found.snapshot_seq = book.xlsx(), found.seq
            held.seq = made.seq
        except BaseException:
            held.book = None  # it may have changes that the database has not
            raise
    return made


def _locked(db: Session, user: User, workbook: int) -> Workbook:
    find(db, user, workbook, edit=True)
    return db.scalars(
        select(Workbook).where(Workbook.id == workbook).with_for_update(),
        execution_options={"populate_existing": True},
    ).one()


def _write(
    db: Session, found: Workbook, user: User, made: Change,
    operations: list[Operation], undo: list[Operation],
) -> None:  # fmt: skip
    found.seq += 1
    found.updated_at = db.scalar(select(func.now()))
    made.workbook_id, made.seq, made.user_id = found.id, found.seq, user.id
    made.operations = [row.model_dump() for row in operations]
    made.undo = [row.model_dump() for row in undo]
    db.add(made)
    if made.undoes:
        here = (Change.workbook_id == found.id, Change.seq == made.undoes)
        db.execute(update(Change).where(*here).values(undone_by=made.seq))
    tell(db, found.id, {"seq": made.seq, "by": user.email})


def tell(db: Session, workbook: int, event: dict[str, Any]) -> None:
    """Tell every process of an event of a workbook, once this transaction is committed."""
    payload = json.dumps({"workbook": workbook} | event)
    db.execute(text("SELECT pg_notify(:c, :p)"), {"c": CHANNEL, "p": payload})


def _current(db: Session, held: Held, found: Workbook) -> Book:
    """Return a workbook's book with every change up to the row's number."""
    if held.book is None or held.seq > found.seq:
        held.book = Book.load(db.scalars(
            select(Workbook.snapshot).where(Workbook.id == found.id)
        ).one())  # fmt: skip
        held.seq = found.snapshot_seq
    if held.seq < found.seq:
        try:
            held.book.apply(_operations_since(db, found, held.seq))
        except BaseException:
            held.book = None
            raise
        held.seq = found.seq
    return held.book


def _operations_since(db: Session, found: Workbook, seq: int | None) -> list[Operation]:
    if seq is None or seq >= found.seq:
        return []
    rows = db.scalars(
        select(Change.operations)
        .where(Change.workbook_id == found.id, Change.seq > seq, Change.seq <= found.seq)
        .order_by(Change.seq)
    )
    return [operation for row in rows for operation in Operations.validate_python(row)]
