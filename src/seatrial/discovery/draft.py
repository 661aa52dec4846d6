"""What the files of a project say, before it is an app file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

DataKind = Literal["postgres", "mysql", "valkey", "bucket", "queue", "table"]
Words = str | list[str]


@dataclass(kw_only=True)
class Program:
    """Something that runs.

    ``context`` is the folder that is built and ``dockerfile`` its file, both relative to the
    project, ``arguments`` those of the build; ``values`` are variables as written (None: only the
    name is known); ``stored`` says where the value of a secret is already, in the app file's words;
    ``needs`` are the hosts that it depends on; ``path`` is what the internet reaches (empty:
    nothing); ``cpu`` in vCPU, ``memory`` in MiB.
    """

    name: str
    source: str
    context: str = ""
    dockerfile: str = ""
    target: str = ""
    arguments: dict[str, str] = field(default_factory=dict)
    image: str = ""
    command: Words = ""
    port: int | None = None
    open: bool = False
    path: str = ""
    health: str = ""
    cpu: float | None = None
    memory: int | None = None
    count: int | None = None
    values: dict[str, str | None] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)
    stored: dict[str, dict[str, str]] = field(default_factory=dict)
    needs: list[str] = field(default_factory=list)
    migrate: Words = ""
    schedule: str = ""
    comments: dict[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class Data:
    """Something that stores; ``hosts`` are the names by which programs reach it."""

    name: str
    kind: DataKind
    source: str
    version: str = ""
    hosts: tuple[str, ...] = ()


@dataclass(kw_only=True)
class Site:
    """Files built for browsers; folders relative to the project and to ``build``."""

    name: str
    source: str
    build: str
    output: str = "dist"
    command: Words = ""


@dataclass(kw_only=True)
class Draft:
    """A whole project; ``left`` are sentences about what is not carried over."""

    app: str = ""
    region: str = ""
    programs: list[Program] = field(default_factory=list)
    data: list[Data] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    left_hosts: dict[str, str] = field(default_factory=dict)

    def leave(self, sentence: str) -> None:
        """Note what is not carried over, once."""
        if sentence not in self.left:
            self.left.append(sentence)

    def store(self, kind: DataKind, source: str, *, name: str = "", version: str = "") -> Data:
        """Return the data of a kind, added where there is none of that name and kind."""
        defaults = {
            "postgres": "db",
            "mysql": "db",
            "valkey": "cache",
            "bucket": "files",
            "queue": "work",
            "table": "items",
        }
        title = noun_name(name or defaults[kind], kind=kind)
        for known in self.data:
            if known.kind == kind and title == known.name:
                return known
        added = Data(name=title, kind=kind, source=source, version=version, hosts=(name,))
        self.data.append(added)
        return added


def noun_name(text: str, *, kind: str = "service", longest: int = 40) -> str:
    """Return a name as the app file allows: lower-case letters, digits and `-`."""
    name = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-").lstrip("0123456789-")[:longest]
    return f"{name}-{kind}"[:longest] if name in ("", "main", "users") else name.rstrip("-")
