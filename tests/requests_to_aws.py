"""Requests to the emulator as a client makes them: raw, and signed by version 4."""

from __future__ import annotations

import http.client
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from helpers import EmulatorProcess

CALLER = b"Action=GetCallerIdentity&Version=2011-06-15"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/x-amz-json-1.1"}
LIST = {**JSON, "X-Amz-Target": "secretsmanager.ListSecrets"}


def ask(
    emulator: EmulatorProcess,
    method: str,
    path: str,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
) -> tuple[int, str, dict[str, str]]:
    """Send a request exactly as given; return status, body and headers."""
    address = urlsplit(emulator.endpoint)
    line = http.client.HTTPConnection(str(address.hostname), address.port, timeout=10)
    try:
        line.request(method, path, body, headers or {})
        answer = line.getresponse()
        return answer.status, answer.read().decode(), dict(answer.getheaders())
    finally:
        line.close()


def signed(
    emulator: EmulatorProcess,
    service: str,
    body: bytes,
    headers: dict[str, str],
    keys: tuple[str, str, str] | None = None,
) -> dict[str, str]:
    """Return the headers of a signed POST."""
    access, secret, token = keys or (emulator.access_key, emulator.secret_key, "")
    request = AWSRequest("POST", f"{emulator.endpoint}/", data=body, headers=dict(headers))
    SigV4Auth(Credentials(access, secret, token or None), service, "us-east-1").add_auth(request)
    return dict(request.prepare().headers)


def presigned(
    emulator: EmulatorProcess, method: str, about: dict[str, Any], seconds: int = 60
) -> str:
    """Return a presigned address of version 4."""
    client = boto3.client(
        "s3", region_name="us-east-1", endpoint_url=emulator.endpoint,
        aws_access_key_id=emulator.access_key, aws_secret_access_key=emulator.secret_key,
        config=Config(signature_version="s3v4"),
    )  # fmt: skip
    return str(client.generate_presigned_url(method, about, ExpiresIn=seconds))
