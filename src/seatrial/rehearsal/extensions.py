"""PostgreSQL's extensions: those that an app's migrations create and this machine has not."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from seatrial.ops.images import sources
from seatrial_emulator.servers import postgres

READ = (".sql", ".py", ".js", ".ts", ".rb")
LARGEST = 1_000_000  # bytes of a file that is read
_SQL = re.compile(
    r"""CREATE\s+EXTENSION\s+(?:IF\s+NOT\s+EXISTS\s+)?\\?["']?([a-z_][\w-]*)""", re.IGNORECASE
)
_DJANGO = {
    "BtreeGinExtension(": "btree_gin",
    "BtreeGistExtension(": "btree_gist",
    "CITextExtension(": "citext",
    "CryptoExtension(": "pgcrypto",
    "HStoreExtension(": "hstore",
    "TrigramExtension(": "pg_trgm",
    "UnaccentExtension(": "unaccent",
    "VectorExtension(": "vector",
}


def created(folder: Path) -> set[str]:
    """Return the extensions that the files of a build create."""
    found: set[str] = set()
    for path in map(Path, sources.stamps(folder)):
        if path.suffix in READ and path.stat().st_size <= LARGEST:
            text = path.read_text(encoding="utf-8", errors="replace")
            found |= {match.lower() for match in _SQL.findall(text)}
            found |= {name for word, name in _DJANGO.items() if word in text}
    return found


def missing(version: str, builds: Iterable[Path]) -> str:
    """Return what builds create and the server for a version has not, in a sentence; or nothing."""
    server = postgres.nearest(int(version.split(".")[0]), postgres.installed())
    wanted = {name for build in builds for name in created(build)}
    lacking = sorted(wanted - postgres.extensions(server)) if server else []
    if not server or not lacking:
        return ""
    return (
        f"the PostgreSQL {server.major} of this machine has no {', '.join(lacking)}; install "
        f"postgresql-{version} with its contrib package, or rehearse without what needs it"
    )
