"""boto3 as a client of an emulator's Bedrock, for the tests of all of its APIs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from seatrial_emulator import process
from seatrial_emulator.process import RunningEmulator, Settings

MODEL = "anthropic.claude-haiku-4-5-20251001-v1:0"


def said(text: str) -> list[dict[str, Any]]:
    """Return a conversation of one turn."""
    return [{"role": "user", "content": [{"text": text}]}]


def client_of(running: RunningEmulator, service: str, **keys: str) -> Any:
    """Return a client that sends each request once."""
    own = {
        "aws_access_key_id": running.access_key,
        "aws_secret_access_key": running.secret_key,
    }
    return boto3.client(
        service,
        region_name="us-east-1",
        endpoint_url=running.endpoint,
        config=Config(retries={"total_max_attempts": 1}),
        **(keys or own),
    )


@contextmanager
def running(folder: Path, **settings: str) -> Iterator[RunningEmulator]:
    """Run an emulator with something behind its models."""
    found, child = process.start(Settings(folder=str(folder), **settings))
    try:
        yield found
    finally:
        process.end(child, folder)


def events(answer: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return a stream's events."""
    return [row for event in answer["stream"] for row in event.items()]


def text_of(found: list[tuple[str, Any]]) -> str:
    deltas = [body["delta"] for kind, body in found if kind == "contentBlockDelta"]
    return "".join(delta.get("text", "") for delta in deltas)


def refusal(call: Callable[[], Any]) -> tuple[str, str]:
    """Return code and message of a call that is refused."""
    with pytest.raises(ClientError) as caught:
        call()
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]
