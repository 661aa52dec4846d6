"""Which pages may call the emulator from a browser: the app's own, and those a bucket names.

A browser says where a page is from in ``Origin``. S3 lets pages read by the bucket's CORS
configuration (Amazon S3 user guide, "Using cross-origin resource sharing"); other services of AWS
let every page, since they need a signature or a user's token. Here only the app's pages may call.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from seatrial_emulator.api import refusals


def is_preflight(environ: dict[str, Any]) -> bool:
    """Return whether a browser asks if a page may send a request."""
    return (
        environ["REQUEST_METHOD"] == "OPTIONS"
        and "HTTP_ORIGIN" in environ
        and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
    )


def admitted(environ: dict[str, Any], own: Iterable[str], backend: Callable[[str], Any]) -> bool:
    """Return whether a request comes from no page, from the app's, or from one a bucket names.

    A browser that sends no ``Origin`` says in ``Sec-Fetch-Site`` that another site's page asks;
    what that shows to its user alone (an image at a presigned address) is as good as any.
    """
    origin = environ.get("HTTP_ORIGIN")
    if origin is None:
        return True
    if is_own(origin, own):
        environ["seatrial.own-page"] = True
        return True
    return _rule(environ, origin, backend) is not None


def is_own(origin: str, own: Iterable[str]) -> bool:
    """Return whether an origin is one of the app's addresses, under either name of loopback."""
    return origin.replace("//localhost:", "//127.0.0.1:") in set(own)


def readable(environ: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the headers that let the app's own pages read an answer; S3 adds its own."""
    claimed = environ.get("seatrial.signed", (None,))[0]
    if not environ.get("seatrial.own-page") or (claimed is not None and claimed.s3):
        return []
    return [("Access-Control-Allow-Origin", environ["HTTP_ORIGIN"]), ("Vary", "Origin")]


def shown(environ: dict[str, Any], start: Any) -> Any:
    """Return ``start`` with the headers that let the app's own pages read the answer."""
    added = readable(environ)

    def begin(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        return start(status, [*headers, *added], *rest)

    return begin if added else start


def preflight(environ: dict[str, Any], backend: Callable[[str], Any]) -> refusals.Answer:
    """Answer a browser's question: of a bucket by its configuration, else for the app's pages."""
    origin = environ["HTTP_ORIGIN"]
    requested = environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "")
    method = environ["HTTP_ACCESS_CONTROL_REQUEST_METHOD"]
    rule = _rule(environ, origin, backend)
    if rule is None and (environ["PATH_INFO"] != "/" or not environ.get("seatrial.own-page")):
        said = "CORSResponse: This CORS request is not allowed."
        return refusals.rendered(403, "AccessForbidden", said, "s3")
    methods = ", ".join(_words(rule.allowed_methods)) if rule else method
    seconds = str(rule.max_age_seconds or 0) if rule else "600"
    headers = [
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Allow-Methods", methods),
        ("Access-Control-Allow-Headers", requested),
        ("Access-Control-Max-Age", seconds),
        ("Content-Length", "0"),
        ("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"),
    ]
    return refusals.Answer("200 OK", headers, b"")


def _rule(environ: dict[str, Any], origin: str, backend: Callable[[str], Any]) -> Any:
    """Return the first rule of the request's bucket that lets the origin do what it asks."""
    if environ.get("HTTP_X_AMZ_TARGET"):
        return None
    bucket = _bucket(environ, backend)
    if bucket is None:
        return None
    method = environ.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD", environ["REQUEST_METHOD"])
    requested = environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "")
    names = [name.strip() for name in requested.split(",") if name.strip()]
    for rule in bucket.cors:
        if (
            method in _words(rule.allowed_methods)
            and _matches(_words(rule.allowed_origins), origin)
            and all(_matches(_words(rule.allowed_headers), name) for name in names)
        ):
            return rule
    return None


def _bucket(environ: dict[str, Any], backend: Callable[[str], Any]) -> Any:
    host = environ.get("HTTP_HOST", "").partition(":")[0]
    name = environ["PATH_INFO"].lstrip("/").partition("/")[0]
    if host.endswith(".localhost"):
        name = host.removesuffix(".localhost")
    return backend("s3").buckets.get(name) if name else None


def _words(given: Any) -> list[str]:
    if given is None:
        return []
    return [given] if isinstance(given, str) else list(given)


def _matches(patterns: list[str], text: str) -> bool:
    found = (re.escape(pattern).replace(r"\*", ".*") for pattern in patterns)
    return any(re.fullmatch(pattern, text, re.IGNORECASE) for pattern in found)
