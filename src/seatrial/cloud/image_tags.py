"""The digest of an image that is named by a tag, asked of its registry.

The protocol is the OCI distribution specification's; a registry says itself where it issues tokens
(distribution documentation, "Token authentication specification"). Credentials are those of
`docker login` or `podman login`; without any, the registry is asked as anybody.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import re
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from seatrial.cloud.registry import MANIFESTS

HUB, HUB_LOGIN = "registry-1.docker.io", "https://index.docker.io/v1/"
SECONDS = 20  # to wait for a registry
LARGEST = 4 * 1024 * 1024  # bytes of a manifest that every registry takes (OCI distribution)
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')


@dataclass(frozen=True)
class Named:
    """An image's name in parts: its registry's host, its repository there, its tag."""

    host: str
    repository: str
    tag: str


@dataclass(frozen=True)
class Pinned:
    """What a tag means now; ``architectures`` is empty where the manifest does not list them."""

    digest: str
    architectures: frozenset[str] = frozenset()


class UnknownTagError(Exception):
    """A registry does not say what a tag means; the text is why."""


def parse(image: str) -> Named:
    """Read a name as container engines do: without a host it is Docker Hub's."""
    first, slash, rest = image.partition("/")
    if not slash or not ("." in first or ":" in first or first == "localhost"):
        first, rest = HUB, image
    rest, colon, tag = rest.partition(":")
    host = HUB if first in ("docker.io", "index.docker.io") else first
    if host == HUB and "/" not in rest:
        rest = f"library/{rest}"
    return Named(host, rest, tag if colon else "latest")


def pinned(named: Named) -> Pinned:
    """Ask a registry what a tag means now; raises UnknownTagError."""
    scheme = "http" if named.host.partition(":")[0] in ("localhost", "127.0.0.1") else "https"
    url = f"{scheme}://{named.host}/v2/{named.repository}/manifests/{named.tag}"
    try:
        body = _manifest(url, named.host)
    except urllib.error.HTTPError as error:
        why = {404: "there is no such image or tag", 401: "the registry wants a login"}
        raise UnknownTagError(why.get(error.code, f"it answered {error.code}")) from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise UnknownTagError(str(error) or type(error).__name__) from error
    return Pinned(f"sha256:{hashlib.sha256(body).hexdigest()}", _architectures(body))


def _architectures(body: bytes) -> frozenset[str]:
    """Return the CPU architectures that an index lists; the rest of it is said by no manifest."""
    rows = json.loads(body).get("manifests") or ()
    found = {str((row.get("platform") or {}).get("architecture", "")) for row in rows}
    return frozenset(found - {"", "unknown"})


def _manifest(url: str, host: str) -> bytes:
    headers = {"Accept": ", ".join(MANIFESTS)}
    try:
        return _get(url, headers)
    except urllib.error.HTTPError as error:
        challenge = error.headers.get("www-authenticate", "")
        if error.code != 401 or not (given := _answer(challenge, host)):
            raise
    return _get(url, headers | {"Authorization": given})


def _answer(challenge: str, host: str) -> str:
    """Return what answers a registry's challenge; empty where nothing here does."""
    basic = next(_logins(host), "")
    if not challenge.lower().startswith("bearer"):
        return f"Basic {basic}" if basic else ""
    said = dict(_CHALLENGE.findall(challenge))
    wanted = {key: said[key] for key in ("service", "scope") if key in said}
    headers = {"Authorization": f"Basic {basic}"} if basic else {}
    body = _get(f"{said['realm']}?{urlencode(wanted)}", headers)
    row = json.loads(body)
    return f"Bearer {row.get('token') or row['access_token']}"


def _logins(host: str) -> Iterator[str]:
    """Yield the name and password for a registry that engines stored, in base64."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", f"/run/user/{os.getuid()}")
    docker = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker") / "config.json"
    podman = Path(os.environ.get("REGISTRY_AUTH_FILE") or f"{runtime}/containers/auth.json")
    for file in (docker, podman):
        try:
            stored: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))["auths"]
        except (OSError, ValueError, LookupError, TypeError):
            continue
        names = (HUB_LOGIN, "docker.io") if host == HUB else (host, f"https://{host}")
        rows = (stored.get(name) for name in names)
        yield from (row["auth"] for row in rows if isinstance(row, dict) and row.get("auth"))


def _get(url: str, headers: Mapping[str, str]) -> bytes:
    if not url.startswith(("https://", "http://localhost", "http://127.0.0.1")):
        raise ValueError(f"the registry leads to {url}, which is not HTTPS")
    request = urllib.request.Request(url, headers={"User-Agent": "seatrial", **headers})  # noqa: S310
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
        return bytes(answer.read(LARGEST))
