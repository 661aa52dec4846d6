"""Folders of the project whose files every deploy puts into a bucket.

Only what differs is sent; what an earlier deploy put there and the folder no longer has is removed.
Other objects of the bucket are nobody's business here.
"""

from __future__ import annotations

import json
from pathlib import Path

from seatrial.cloud import objects
from seatrial.events import Note
from seatrial.ops.images import sources
from seatrial.ops.release.operation import Operation

LIST = ".seatrial-files.json"  # the keys that the last deploy put there


def sync(work: Operation, folder: Path) -> set[str]:
    """Bring every bucket with ``files`` up to date; return those that changed."""
    changed = set()
    for noun, bucket in sorted(work.app.buckets.items()):
        if bucket.files is not None and _sync(work, noun, folder, bucket.files):
            changed.add(noun)
    return changed


def _before(text: bytes) -> set[str]:
    """Return the keys of a list; none of one that somebody overwrote: then nothing is removed."""
    try:
        return {str(key) for key in json.loads(text or b"[]")}
    except (ValueError, TypeError):
        return set()


def _sync(work: Operation, noun: str, project: Path, folder: str) -> bool:
    name = work.bucket(noun)
    files = sources.files(project / folder, within=project)
    there = objects.listed(work.session, name)
    before = _before(objects.read(work.session, name, LIST))
    differs = {k: p for k, p in files.items() if not there.get(k) or there[k] != objects.etag(p)}
    gone = (before - files.keys()) & there.keys()
    if not differs and not gone:
        return False
    sent = objects.put(work.session, name, differs, {})
    removed = objects.remove(work.session, name, gone)
    objects.write(work.session, name, LIST, json.dumps(sorted(files)).encode())
    work.emit(Note(f"{noun}: {sent} files uploaded" + (f", {removed} removed" * bool(removed))))
    return True
