"""Presigned addresses, signed bodies and chunks: each is checked whole."""

from __future__ import annotations

import hashlib
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from helpers import EmulatorProcess
from requests_to_aws import CALLER, ask, presigned

pytestmark = pytest.mark.slow


def test_pages_that_a_bucket_names_upload_at_presigned_addresses(emulator: EmulatorProcess):
    """A bucket's CORS configuration decides, as on S3; its address still must be signed."""
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket="from-pages")
    rule = {
        "AllowedOrigins": ["https://*.example"], "AllowedMethods": ["PUT"], "AllowedHeaders": ["*"],
    }  # fmt: skip
    s3.put_bucket_cors(Bucket="from-pages", CORSConfiguration={"CORSRules": [rule]})
    address = urlsplit(presigned(emulator, "put_object", {"Bucket": "from-pages", "Key": "a"}))
    path = f"{address.path}?{address.query}"
    good = {"Origin": "https://app.example"}
    question = good | {"Access-Control-Request-Method": "PUT",
                       "Access-Control-Request-Headers": "content-type"}  # fmt: skip
    status, _, found = ask(emulator, "OPTIONS", path, b"", question)
    assert (status, found["Access-Control-Allow-Origin"]) == (200, "https://app.example")
    status, _, found = ask(emulator, "PUT", path, b"sent", good)
    assert (status, found["Access-Control-Allow-Origin"]) == (200, "https://app.example")
    assert ask(emulator, "PUT", "/from-pages/b", b"sent", good)[0] == 403
    assert ask(emulator, "PUT", path, b"sent", {"Origin": "https://attacker.test"})[0] == 403
    assert ask(emulator, "GET", path, b"", good)[0] == 403  # the rule names PUT alone
    question["Access-Control-Request-Method"] = "DELETE"
    assert ask(emulator, "OPTIONS", path, b"", question)[0] == 403


def test_presigned_addresses_are_checked_whole(emulator: EmulatorProcess):
    """Signature, time, bounds and headers: what was not signed is not taken."""
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket="whole")
    s3.put_object(Bucket="whole", Key="a", Body=b"body")
    address = urlsplit(presigned(emulator, "get_object", {"Bucket": "whole", "Key": "a"}))
    path = f"{address.path}?{address.query}"
    assert ask(emulator, "GET", path)[:2] == (200, "body")
    for other in (
        path.replace("X-Amz-Expires=60", "X-Amz-Expires=61"),
        path.replace("X-Amz-Expires=60", "X-Amz-Expires=999999"),
        path.replace("X-Amz-Expires=60&", ""),
        f"{path}&response-content-type=text/html",
        path.replace("/whole/a", "/whole/b"),
        path[:-1] + ("0" if path[-1] != "0" else "1"),
    ):
        assert ask(emulator, "GET", other)[0] in (400, 403), other
    assert ask(emulator, "DELETE", path)[0] == 403
    status, said, _ = ask(emulator, "GET", path, b"", {"x-amz-request-payer": "requester"})
    assert (status, "not signed" in said) == (403, True)
    old = urlsplit(presigned(emulator, "get_object", {"Bucket": "whole", "Key": "a"}, 1))
    time.sleep(2.1)
    status, said, _ = ask(emulator, "GET", f"{old.path}?{old.query}")
    assert (status, "Request has expired" in said) == (403, True)


def test_other_services_take_presigned_addresses_too(emulator: EmulatorProcess):
    """STS answers who signed an address, as clusters ask it to."""
    request = AWSRequest("GET", f"{emulator.endpoint}/?{CALLER.decode()}")
    keys = Credentials(emulator.access_key, emulator.secret_key)
    SigV4QueryAuth(keys, "sts", "us-east-1", expires=60).add_auth(request)
    address = urlsplit(str(request.prepare().url))
    status, said, _ = ask(emulator, "GET", f"/?{address.query}")
    assert (status, "rehearsal-administrator" in said) == (200, True)


class _Chunked(S3SigV4Auth):
    """Signs the first of a chunked upload's signatures."""

    def payload(self, request: Any) -> str:
        """Return the word that stands for the chunks."""
        return "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"


def _chunked(emulator: EmulatorProcess, parts: list[bytes], spoil: int = -1) -> tuple[int, str]:
    url = f"{emulator.endpoint}/chunked/object"
    auth = _Chunked(Credentials(emulator.access_key, emulator.secret_key), "s3", "us-east-1")
    size = sum(len(part) for part in parts)
    headers = {"Content-Encoding": "aws-chunked", "X-Amz-Decoded-Content-Length": str(size)}
    request = AWSRequest("PUT", url, headers=headers)
    auth.add_auth(request)
    headers = dict(request.headers.items())
    before, body = headers["Authorization"].rpartition("Signature=")[2], b""
    empty = hashlib.sha256(b"").hexdigest()
    for index, part in enumerate([*parts, b""]):
        digest = hashlib.sha256(part).hexdigest()
        text = "\n".join(("AWS4-HMAC-SHA256-PAYLOAD", headers["X-Amz-Date"],
                          auth.credential_scope(request), before, empty, digest))  # fmt: skip
        before = auth.signature(text, request)
        sent = b"X" * len(part) if index == spoil else part
        body += f"{len(part):x};chunk-signature={before}\r\n".encode() + sent + b"\r\n"
    return ask(emulator, "PUT", "/chunked/object", body, headers)[:2]


def test_chunked_uploads_are_checked_chunk_by_chunk(emulator: EmulatorProcess):
    """A chunk that was changed on its way spoils the upload; whole ones arrive."""
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket="chunked")
    parts = [b"a" * 70_000, b"b" * 3]
    status, said = _chunked(emulator, parts, spoil=1)
    assert (status, "SignatureDoesNotMatch" in said) == (403, True)
    assert _chunked(emulator, parts)[0] == 200
    assert s3.get_object(Bucket="chunked", Key="object")["Body"].read() == b"".join(parts)


def test_a_body_is_the_one_whose_hash_was_signed(emulator: EmulatorProcess):
    """S3 refuses a body of another hash, and stores nothing."""
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket="hashed")
    url = f"{emulator.endpoint}/hashed/a"
    request = AWSRequest("PUT", url, data=b"right")
    S3SigV4Auth(Credentials(emulator.access_key, emulator.secret_key), "s3", "us-east-1").add_auth(
        request
    )
    headers = dict(request.headers.items())
    status, said, _ = ask(emulator, "PUT", "/hashed/a", b"wrong", headers)
    assert (status, "XAmzContentSHA256Mismatch" in said) == (400, True)
    assert "Contents" not in s3.list_objects_v2(Bucket="hashed")
    assert ask(emulator, "PUT", "/hashed/a", b"right", headers)[0] == 200
