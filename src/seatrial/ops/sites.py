"""Sites: built from source, kept by their content, and put in place together with a release.

A bucket holds every build under ``releases/<digest>/`` and the one that serves under ``site/``. To
activate is to copy: what pages refer to first, pages last, so that nobody gets a page whose files
are not there yet. Files of the release before stay until the next one: pages that are open in a
browser still load theirs.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import time
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from seatrial.cloud import objects
from seatrial.engine import process
from seatrial.errors import UserError
from seatrial.model.app import App
from seatrial.model.site import Site
from seatrial.ops.images import private_files, sources
from seatrial.ops.release.operation import Operation

SERVED, RELEASES = "site/", "releases/"
# A name that changes with the content (`index-B3f9aX1c.js`) may be kept for ever by who has it.
_HASHED = re.compile(r"[.-](?=[\w-]*[0-9A-Z_])[\w-]{8,}\.\w+$")
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "public, max-age=0, must-revalidate"
PAGE = (".html", ".htm")
SHOWN = 12  # lines of a failed command's output
CAUSES = 6  # lines before them that name an error
_NAMES_ERROR = re.compile(r"(?i)error\b|ERR!|cannot find|not found|failed to")
QUICK = 10.0  # seconds within which a command that cannot work has usually ended


@dataclass(frozen=True)
class BuiltSite:
    """A site's finished files and the digest of them all."""

    digest: str
    files: dict[str, Path]


def build(app: App, folder: Path, into: Path) -> dict[str, BuiltSite]:
    """Build every site; raises UserError with the output of a command that fails."""
    return {
        noun: _built(noun, folder, site, into / noun) for noun, site in sorted(app.sites.items())
    }


def _built(noun: str, project: Path, site: Site, into: Path) -> BuiltSite:
    finished, within = project / site.build, project
    if site.command is not None:
        finished = within = _run(noun, project, site, into)
    output = finished / site.output
    if not output.resolve().is_relative_to(finished.resolve()):
        raise UserError.of(
            "build-site",
            f"the output of the site `{noun}` is outside its folder: {output.resolve()}",
            "Name a folder below `build`.",
            f"sites.{noun}.output",
        )
    files = sources.files(output, within)
    _refuse_private(noun, output, files)
    if "index.html" not in files:
        raise UserError.of(
            "build-site",
            f"the site `{noun}` has no index.html in `{site.build}/{site.output}`",
            "Set `output` to the folder of the built files, and check `command`.",
            f"sites.{noun}.output",
        )
    return BuiltSite(_digest(files), files)


def _refuse_private(noun: str, folder: Path, files: dict[str, Path]) -> None:
    """A site's files are everybody's."""
    if names := private_files.found(files):
        raise UserError.of(
            "build-file",
            f"the site `{noun}` would publish `{names[0]}` of {folder}, which holds credentials",
            f"Leave it out: name it in `{sources.IGNORE_FILE}` there, or let `output` name the "
            "folder of the finished files.",
            f"sites.{noun}.output",
        )


def _digest(files: dict[str, Path]) -> str:
    whole = hashlib.sha256()
    for name, path in sorted(files.items()):
        whole.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()[:32]


def _run(noun: str, project: Path, site: Site, into: Path) -> Path:
    """Run the command in a copy of the source; the same source is built once."""
    files = sources.files(project / site.build, within=project)
    key = hashlib.sha256(f"{site.command}{_digest(files)}".encode()).hexdigest()[:16]
    work = into / key
    if (work / ".built").exists():
        return work
    shutil.rmtree(into, ignore_errors=True)
    for name, path in files.items():
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, work / name)
    _command(noun, site.command or (), work, into / "output.txt")
    (work / ".built").touch()
    return work


def _command(noun: str, words: tuple[str, ...], folder: Path, log: Path) -> None:
    environment = {**os.environ, "CI": "1"}
    try:
        started = process.start(list(words), folder, environment, log)
    except UserError as error:
        raise _failed(noun, error.problems[0].message) from error
    said = [line for line in process.lines(started, log) if line.strip()]
    if started.returncode:
        tail = "\n".join(f"    {line}" for line in _shown(said))
        raise _failed(noun, f"its command ended with {started.returncode}:\n{tail}")


def _shown(said: list[str]) -> list[str]:
    """Return the last lines of a command, and those before them that name an error.

    npm ends with a dozen lines of its own, after what its program wrote.
    """
    early = [line for line in said[:-SHOWN] if _NAMES_ERROR.search(line)][:CAUSES]
    return [*early, *(["..."] if early else []), *said[-SHOWN:]]


def _failed(noun: str, why: str) -> UserError:
    return UserError.of(
        "build-site",
        f"the site `{noun}` could not be built: {why}",
        "Run the command in the site's folder and fix its errors.",
        f"sites.{noun}.command",
    )


def await_failure(building: Future[dict[str, BuiltSite]], app: App) -> None:
    """Raise what a site's command failed with, where that is soon: before anything is created."""
    if any(site.command for site in app.sites.values()):
        with contextlib.suppress(TimeoutError):
            building.result(QUICK)


def upload(work: Operation, built: dict[str, BuiltSite]) -> dict[str, str]:
    """Put every build where it is kept; return the digests by site. Nothing serves it yet."""
    for noun, site in built.items():
        bucket, prefix = work.bucket(noun), f"{RELEASES}{site.digest}/"
        there = objects.listed(work.session, bucket, prefix)
        missing = {
            prefix + name: path for name, path in site.files.items() if prefix + name not in there
        }
        headers = {key: caching(key) for key in missing}
        objects.put(work.session, bucket, missing, headers)
    return {noun: site.digest for noun, site in built.items()}


def caching(name: str) -> str:
    """Return how long a browser may keep a file without asking."""
    return FOR_EVER if _HASHED.search(name) and not name.endswith(PAGE) else ASK_AGAIN


def activate(work: Operation, digests: dict[str, str], before: dict[str, str]) -> None:
    """Let these builds serve, the ones before for who still has their pages open."""
    if not digests:
        return
    with work.steps.step("sites"):
        for noun, digest in sorted(digests.items()):
            if _placed(work, noun, digest, before.get(noun, "")):
                _forget(work, noun, digest)


def _placed(work: Operation, noun: str, digest: str, before: str) -> bool:
    bucket = work.bucket(noun)
    wanted = _names(work, bucket, digest)
    if not wanted:
        raise UserError.of(
            "build-site",
            f"the files of the site `{noun}` of that release are no longer in {bucket}",
            "Check out the commit of that release and deploy it.",
            f"sites.{noun}",
        )
    serving = objects.listed(work.session, bucket, SERVED)
    differs = [name for name, tag in wanted.items() if serving.get(SERVED + name) != tag]
    for page in (False, True):
        names = [name for name in differs if name.endswith(PAGE) is page]
        pairs = {f"{RELEASES}{digest}/{name}": SERVED + name for name in names}
        objects.copy(work.session, bucket, pairs)
    known = wanted.keys() | (_names(work, bucket, before).keys() if before else set())
    old = [key for key in serving if key.removeprefix(SERVED) not in known]
    objects.remove(work.session, bucket, old)
    return bool(differs or old)


def _names(work: Operation, bucket: str, digest: str) -> dict[str, str]:
    prefix = f"{RELEASES}{digest}/"
    found = objects.listed(work.session, bucket, prefix)
    return {key.removeprefix(prefix): tag for key, tag in found.items()}


def _forget(work: Operation, noun: str, digest: str) -> None:
    distribution = work.output(f"cloudfront_distribution_{noun}", "id")
    objects.invalidate(work.session, distribution, f"{digest}-{time.time_ns()}")
