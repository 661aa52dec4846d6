"""From a folder to the file: look, write, let `check` judge, save."""

from __future__ import annotations

from pathlib import Path

from seatrial.appfile.load import DEFAULT_NAME
from seatrial.discovery import document as documents
from seatrial.discovery import project, render, settle
from seatrial.discovery.document import Document
from seatrial.errors import Problem, UsageError, printable


def document(folder: Path, *, region: str, default: str) -> tuple[Document, list[str]]:
    """Return the app file of a project as a document, and the files that it was read from.

    ``region`` wins over what the project says, ``default`` is used where it says nothing. Raises
    UsageError where nothing here runs.
    """
    path = folder / DEFAULT_NAME
    draft = project.look(folder)
    if region:
        draft.region = region
    if not (draft.programs or draft.sites):
        raise UsageError(
            Problem(
                "usage-init-empty",
                "nothing in this folder says what runs" + _because(draft.left),
                "Go to the project's folder, or start with `seatrial init --template fastapi`.",
            )
        )
    found = documents.write(draft, app=folder.resolve().name, region=default)
    problems = settle.settle(found, path)
    if problems:
        raise UsageError(
            Problem(
                "usage-init-invalid",
                f"{problems[0].message} ({problems[0].key})",
                f"Write {DEFAULT_NAME} by hand; `seatrial init --template fastapi` in an empty "
                "folder shows one.",
            )
        )
    return found, draft.sources


def _because(left: list[str]) -> str:
    return f": {'; '.join(left)}" if left else ""


def refuse_existing(paths: list[Path]) -> None:
    """Raise UsageError for every file that exists already."""
    problems = [
        Problem(
            "usage-init-exists",
            f"{path.name} exists already",
            "Move it away first; `seatrial init --print` shows what would be written.",
        )
        for path in paths
        if path.exists() or path.is_symlink()
    ]
    if problems:
        raise UsageError(*problems)


def text(found: Document, sources: list[str]) -> str:
    """Return the file's text, with what it was made from and what is missing at its top."""
    head = [f"# Made by `seatrial init` from {', '.join(sources)}."]
    if found.left:
        head += ["#", "# Not carried over:", *(f"#  - {_one_line(s)}" for s in found.left)]
    return "\n".join([*head, render.text(found)])


def _one_line(sentence: str) -> str:
    return printable(" ".join(sentence.split()))


def save(folder: Path, written: str) -> Path:
    """Write the app file, never over another one."""
    path = folder / DEFAULT_NAME
    with path.open("x", encoding="utf-8") as file:
        file.write(written)
    return path
