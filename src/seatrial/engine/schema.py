"""The provider's schema, cut to the types that an app uses, and kept on disk.

The messages are Terraform's plugin protocol (``tfplugin5.proto``, GetProviderSchema.Response): maps
from a type's name to its schema, each entry a length-delimited field whose first field is the
name. We read just that far, so that a later version's new fields pass through unread.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

HELD = "types.json"  # the types of a target's states, beside its roots
PREFIX = b"aws_"
# Go's build ID is an ELF note of the name "Go" and type 4 (go/src/cmd/internal/buildid).
_BUILD_ID = re.compile(rb"\x04\0\0\0..\0\0\x04\0\0\0Go\0\0([\x21-\x7e]{20,200})", re.DOTALL)
_HEAD = 1 << 20  # bytes of a program in which the note stands


class ForeignMessageError(ValueError):
    """A message is not built as the protocol's are."""


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return a number and where the next byte is."""
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise ForeignMessageError("a number that does not end")
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return value, at


def _fields(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield each top-level field's whole bytes, and body where it has a length."""
    at = 0
    while at < len(data):
        start = at
        key, at = _varint(data, at)
        match key & 7:
            case 0:
                _, at = _varint(data, at)
                body = b""
            case 2:
                size, at = _varint(data, at)
                if at + size > len(data):
                    raise ForeignMessageError("a field that is longer than its message")
                body = data[at : at + size]
                at += size
            case other:
                raise ForeignMessageError(f"a field of wire type {other}")
        yield data[start:at], body


def _name(entry: bytes) -> bytes:
    """Return the name that a map's entry begins with; empty where it is no such entry."""
    if entry[:1] != b"\x0a":
        return b""
    size, at = _varint(entry, 1)
    return entry[at : at + size]


def trim(message: bytes, types: frozenset[str]) -> bytes:
    """Return a schema message without the AWS types that are not named.

    Raises ForeignMessageError for what is no message of the protocol.
    """
    wanted = {name.encode() for name in types}
    selected = []
    for whole, body in _fields(message):
        name = _name(body)
        if not name.startswith(PREFIX) or name in wanted:
            selected.append(whole)
    return b"".join(selected)


def names(message: bytes) -> set[str]:
    """Return the AWS types that a schema message has."""
    found = (_name(body) for _, body in _fields(message))
    return {name.decode() for name in found if name.startswith(PREFIX)}


def build_id(program: Path) -> str:
    """Return what names a program's build: Go's own ID, else a hash of the whole file."""
    with program.open("rb") as file:
        found = _BUILD_ID.search(file.read(_HEAD))
        file.seek(0)
        content = found[1] if found else hashlib.file_digest(file, "sha256").digest()
    return hashlib.sha256(content).hexdigest()[:16]


def named_types(folder: Path) -> frozenset[str] | None:
    """Return the types that a target's documents and states name; None where HCL may name others.

    ``folder`` has a folder for each root. Documents are JSON of ours; files of the user's own
    (``*.tf``) are not read, and then no type may be left out.
    """
    if any(folder.glob("*/*.tf")):
        return None
    found: set[str] = set()
    for file in folder.glob("*/*.tf.json"):
        body = json.loads(file.read_text(encoding="utf-8"))
        for block in ("resource", "data", "ephemeral"):
            found.update(body.get(block, {}))
    held = folder / HELD
    if held.is_file():
        found.update(json.loads(held.read_text(encoding="utf-8")))
    return frozenset(found)


@dataclass(frozen=True)
class Store:
    """Schemas of one provider, kept in ``folder`` for the types of a target's ``documents``."""

    folder: Path
    program: Path
    documents: Path

    def trimmed(self, ask: Callable[[], bytes]) -> bytes:
        """Return the schema of what the documents name now; ``ask`` gets the whole schema."""
        types = named_types(self.documents)
        if types is None:
            return ask()
        file = self.folder / f"{build_id(self.program)}-{_digest(types)}"
        if file.is_file():
            return file.read_bytes()
        whole = ask()
        try:
            trimmed = trim(whole, types)
        except ForeignMessageError:
            return whole
        write_whole(file, trimmed)
        return trimmed


def _digest(types: frozenset[str]) -> str:
    return hashlib.sha256("\n".join(sorted(types)).encode()).hexdigest()[:16]


def write_whole(file: Path, content: bytes) -> None:
    """Write a file that others never see half written: the other root's Terraform may read it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.{os.getpid()}")
    part.write_bytes(content)
    part.replace(file)
