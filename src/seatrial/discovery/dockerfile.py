"""What a Dockerfile says about running: its port, and whether it has a command."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from seatrial.discovery import files


@dataclass(frozen=True)
class Dockerfile:
    """The last stage of a build; ``files_only`` says that it serves files, by nginx or alike."""

    port: int | None = None
    has_command: bool = False
    files_only: bool = False
    health: str = ""


def read(path: Path) -> Dockerfile:
    """Return what a Dockerfile says; of the last stage, ports of all."""
    lines = re.sub(r"\\\r?\n", " ", files.text(path)).splitlines()
    stage: list[str] = []
    base, port = "", None
    for line in map(str.strip, lines):
        word, _, rest = line.partition(" ")
        match word.upper():
            case "FROM":
                stage, base = [], rest.split()[0] if rest.split() else ""
            case "EXPOSE":
                found = re.search(r"\d+", rest)
                port = int(found[0]) if found else port
        stage.append(line)
    body = "\n".join(stage)
    health = re.search(r"HEALTHCHECK.*?https?://[^/\s\"']+(/[^\s\"'|;)]*)", body)
    return Dockerfile(
        port=port,
        has_command=bool(re.search(r"^(CMD|ENTRYPOINT)\b", body, re.MULTILINE | re.IGNORECASE)),
        files_only=bool(re.search(r"(^|/)(nginx|httpd|caddy|static-web-server)\b", base)),
        health=health[1] if health else "",
    )
