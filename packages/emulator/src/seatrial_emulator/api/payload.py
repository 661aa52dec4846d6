"""Whether a body is the one that was signed: whole, or chunk by chunk.

Pure. Source: Amazon S3 API reference, "Signature Calculations for the Authorization Header:
Transferring Payload in Multiple Chunks (Chunked Upload)" and "... Including Trailing Headers".
"""

from __future__ import annotations

import hashlib
import hmac
import re

from seatrial_emulator.api.signature import (
    ALGORITHM,
    NOTHING,
    STREAMING,
    UNSIGNED_PAYLOAD,
    Claim,
    SignatureError,
    sign,
)

SIGNED_CHUNKS = f"{STREAMING}{ALGORITHM}-PAYLOAD"
SIGNED_TRAILER = f"{SIGNED_CHUNKS}-TRAILER"
UNSIGNED_TRAILER = f"{STREAMING}{UNSIGNED_PAYLOAD}-TRAILER"
WORDS = (UNSIGNED_PAYLOAD, SIGNED_CHUNKS, SIGNED_TRAILER, UNSIGNED_TRAILER)
_CHUNK = re.compile(rb"([0-9a-f]+);chunk-signature=([0-9a-f]{64})\r\n")
_TRAILER = re.compile(rb"(.*?)\r?\n?x-amz-trailer-signature:([0-9a-f]{64})\s*", re.DOTALL)


def needs_body(said: str) -> bool:
    """Return whether the body must be looked at for what a request says of it.

    Raises SignatureError where that is neither a hash nor one of S3's words.
    """
    if said in (UNSIGNED_PAYLOAD, UNSIGNED_TRAILER):
        return False
    if said not in WORDS and not re.fullmatch(r"[0-9a-f]{64}", said):
        raise SignatureError("content hash")
    return True


def check(said: str, body: bytes, claimed: Claim, secret: str) -> None:
    """Raise SignatureError unless the body is the one that was signed."""
    if said in (SIGNED_CHUNKS, SIGNED_TRAILER):
        _check_chunks(said, body, claimed, secret)
    elif not hmac.compare_digest(hashlib.sha256(body).hexdigest(), said):
        raise SignatureError("content hash")


def _check_chunks(said: str, body: bytes, claimed: Claim, secret: str) -> None:
    at, before, size = 0, claimed.signature, -1
    while size:
        found = _CHUNK.match(body, at)
        if found is None:
            raise SignatureError("mismatch")
        size, begin = int(found[1], 16), found.end()
        chunk = hashlib.sha256(memoryview(body)[begin : begin + size]).hexdigest()
        before = _follows(
            claimed,
            secret,
            hashes=f"{NOTHING}\n{chunk}",
            kind="PAYLOAD",
            before=before,
            given=found[2],
        )
        at = begin + size + (2 if size else 0)
    if said == SIGNED_TRAILER:
        _check_trailer(body[at:], before, claimed, secret)


def _check_trailer(rest: bytes, before: str, claimed: Claim, secret: str) -> None:
    found = _TRAILER.fullmatch(rest.strip())
    if found is None:
        raise SignatureError("mismatch")
    lines = [line.strip() for line in found[1].split(b"\n") if line.strip()]
    text = b"".join(line + b"\n" for line in lines)
    _follows(
        claimed,
        secret,
        hashes=hashlib.sha256(text).hexdigest(),
        kind="TRAILER",
        before=before,
        given=found[2],
    )


def _follows(claimed: Claim, secret: str, hashes: str, kind: str, before: str, given: bytes) -> str:
    """Return a chunk's signature; raises SignatureError where another was given."""
    text = f"{ALGORITHM}-{kind}\n{claimed.date}\n{claimed.within}\n{before}\n{hashes}"
    wanted = sign(claimed, secret, text)
    if not hmac.compare_digest(wanted, given.decode()):
        raise SignatureError("mismatch")
    return wanted
