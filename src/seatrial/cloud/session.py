"""Clients for a target, made once each; AWS's refusals as errors a person can fix."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from seatrial.errors import CredentialsError, Problem, UserError
from seatrial.target import Target

_CREDENTIALS = {
    "ExpiredToken",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "AuthFailure",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
}


@dataclass
class Session:
    """AWS as one target sees it; ``attempts`` is how often a call is tried that AWS throttles."""

    target: Target
    attempts: int = 8
    clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        """Return the client of a service."""
        if service not in self.clients:
            target = self.target
            self.clients[service] = boto3.client(
                service,
                region_name=target.region,
                endpoint_url=target.endpoint or None,
                aws_access_key_id=target.access_key or None,
                aws_secret_access_key=target.secret_key or None,
                config=Config(retries={"mode": "standard", "max_attempts": self.attempts}),
            )
        return self.clients[service]


def code(error: ClientError) -> str:
    """Return AWS's error code."""
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def told(doing: str) -> Iterator[None]:
    """Turn AWS's refusal into an error that says what was being done."""
    try:
        yield
    except ClientError as error:
        message = f"AWS refused {doing}: {error.response['Error'].get('Message') or error}"
        kind = CredentialsError if code(error) in _CREDENTIALS else UserError
        raise kind(
            Problem(
                "aws-refused",
                message,
                "Mend what AWS names, then run the command again; it goes on where it stopped.",
            )
        ) from error
    except BotoCoreError as error:
        raise CredentialsError(
            Problem(
                "aws-unreachable",
                f"AWS could not be asked ({doing}): {error}",
                "Check credentials, region and network, then run the command again.",
            )
        ) from error
