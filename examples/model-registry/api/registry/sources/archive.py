"""An archive that somebody uploaded: read in the bucket, a few ranges at a time."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import PurePosixPath
from typing import IO

from registry.scores.facts import Facts
from registry.sources.port import TEXT_LIMIT, clean, header, license_file, plain, read_json

MOST_FILES = 20_000


def describe(file: IO[bytes], filename: str, size: int, type_: str, url: str) -> Facts:
    """Return what an archive's own files say; a file that is no zip is an artifact of one file."""
    begun = time.perf_counter()
    name = PurePosixPath(filename).name
    stem = name.rpartition(".")[0] if name.lower().endswith((".zip", ".whl")) else name
    known = {"name": stem or name, "type": type_, "url": url, "reference": (stem or name).lower()}
    try:
        with zipfile.ZipFile(file) as opened:
            facts = _read(opened, known)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, OverflowError):
        facts = Facts(**known, files={name: size})
    return facts.model_copy(update={"spent": {"source": time.perf_counter() - begun}})


def _read(opened: zipfile.ZipFile, known: dict[str, str]) -> Facts:
    rows = [row for row in opened.infolist()[:MOST_FILES] if not row.is_dir()]
    paths = [clean(row.filename) for row in rows]
    root = _common(paths)
    inside = {path.removeprefix(root): row for path, row in zip(paths, rows, strict=True)}
    files = {path: row.file_size for path, row in inside.items()}
    by_lower = {path.lower(): path for path in files}

    def text(path: str | None) -> bytes:
        found = by_lower.get(path.lower()) if path else None
        return _member(opened, inside[found]) if found else b""

    metadata, card = header(clean(text("readme.md").decode(errors="replace")))
    return Facts(
        **known,
        card=card,
        metadata=plain(metadata),
        config=read_json(text("config.json")),
        files=files,
        license_text=clean(text(license_file(files)).decode(errors="replace")),
    )


def _member(opened: zipfile.ZipFile, row: zipfile.ZipInfo) -> bytes:
    """Return a member's text; what unpacks to more than a card may have is cut."""
    try:
        with opened.open(row) as member:
            return member.read(TEXT_LIMIT)
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        io.UnsupportedOperation,
    ):
        return b""  # encrypted, damaged, or packed in a way Python does not know


def _common(paths: list[str]) -> str:
    """Return the one folder that everything lies in, as archives of repositories have it."""
    first = paths[0].partition("/")[0] + "/" if paths else ""
    return first if first != "/" and paths and all(p.startswith(first) for p in paths) else ""
