"""The bytes of an app file as safe text: UTF-8, NFC, no control characters, no tabs to indent."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from seatrial.errors import AppFileError, Place, Problem

MOST_BYTES = 1_000_000
# YAML's own line breaks stay; every other C0, DEL and C1 character is refused.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_TAB = re.compile(r"^ *\t", re.MULTILINE)


@dataclass(frozen=True)
class Source:
    """An app file's text, and what was changed to read it."""

    file: str
    text: str
    notes: tuple[str, ...] = ()

    def place(self, index: int) -> Place:
        """Return line and column of a character."""
        line = self.text.count("\n", 0, index)
        return Place(self.file, line + 1, index - (self.text.rfind("\n", 0, index) + 1) + 1)


def _fail(code: str, message: str, fix: str, place: Place | None = None) -> AppFileError:
    return AppFileError([Problem(code, message, fix, place=place)])


def read(path: Path, shown: str) -> Source:
    """Read an app file; raises AppFileError where its bytes are not plain text."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise _fail(
            "appfile-not-found",
            f"{shown} cannot be read: {error.strerror}",
            "Name the app file with `-f FILE`, or run the command beside it.",
        ) from error
    if len(data) > MOST_BYTES:
        raise _fail(
            "appfile-too-large",
            f"{shown} is larger than {MOST_BYTES // 1000} kB",
            "An app file is a few pages of text; keep data elsewhere.",
        )
    return clean(shown, _decode(data, shown))


def _decode(data: bytes, shown: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        raise _fail(
            "appfile-encoding",
            "the file is not UTF-8 text",
            "Save it as UTF-8.",
            Place(shown, line, column),
        ) from error


def clean(shown: str, text: str) -> Source:
    """Refuse control characters and tabs; bring the text to NFC with a note."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    source = Source(shown, text)
    if match := CONTROL.search(text):
        raise _fail(
            "appfile-control-character",
            f"the character U+{ord(match[0]):04X} cannot stand in an app file",
            "Remove it; only tab and newline are allowed.",
            source.place(match.start()),
        )
    if match := _TAB.search(text):
        raise _fail(
            "appfile-tab",
            "a tab is used to indent",
            "Indent with spaces.",
            source.place(match.end() - 1),
        )
    normal = unicodedata.normalize("NFC", text)
    notes = () if normal == text else (f"{shown}: some characters were brought to Unicode NFC",)
    return Source(shown, normal, notes)
