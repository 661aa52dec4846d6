"""Clients for a target, made once each; AWS's refusals as errors a person can fix."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast

import boto3
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from seatrial.cloud.clients import Clients
from seatrial.errors import CredentialsError, Problem, UserError
from seatrial.target import Target

_ENDED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
_CREDENTIALS = {
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "AuthFailure",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
}
CLOCK = 300  # seconds that a request's time may differ from AWS's (IAM user guide, "Signing")


@dataclass
class Session(Clients):
    """AWS as one target sees it; ``attempts`` is how often a call is tried that AWS throttles."""

    target: Target
    attempts: int = 8
    clients: dict[str, Any] = field(default_factory=dict)

    def made(self, service: str) -> Any:
        """Return the client of a service."""
        return self.at(self.target.region, service)

    def at(self, region: str, service: str) -> Any:
        """Return the client of a service in a region that need not be the target's."""
        key = f"{service} {region}"
        if key not in self.clients:
            target, make = self.target, cast("Callable[..., Any]", boto3.client)
            self.clients[key] = make(
                service,
                region_name=region,
                endpoint_url=target.endpoint or None,
                aws_access_key_id=target.access_key or None,
                aws_secret_access_key=target.secret_key or None,
                config=Config(retries={"mode": "standard", "max_attempts": self.attempts}),
            )
        return self.clients[key]


def code(error: ClientError) -> str:
    """Return AWS's error code."""
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def aws_errors(doing: str) -> Iterator[None]:
    """Turn AWS's refusal into an error that says what was being done."""
    try:
        yield
    except ClientError as error:
        raise _refusal(error, doing) from error
    except Boto3Error as error:  # of a transfer: its cause is in its text only
        raise UserError(_refused(f"AWS refused {doing}: {error}")) from error
    except ParamValidationError as error:  # found by boto3, from AWS's model: nothing was sent
        raise UserError(_invalid(f"invalid request ({doing}): {error}")) from error
    except BotoCoreError as error:
        raise CredentialsError(
            Problem(
                "aws-unreachable",
                f"could not reach AWS ({doing}): {error}",
                "Check credentials, region and network, then run the command again.",
            )
        ) from error


def _refusal(error: ClientError, doing: str) -> UserError:
    """Return AWS's refusal as an error: of the clock, the credentials, or what was asked."""
    message = f"AWS refused {doing}: {error.response.get('Error', {}).get('Message') or error}"
    off = _clock(error)
    if abs(off) > CLOCK:
        text = (
            f"this machine's clock is {abs(off):.0f} s {'behind' if off > 0 else 'ahead of'} AWS's"
        )
        fix = "Set the clock (NTP), then run the command again."
        return CredentialsError(Problem("aws-clock", f"{text}; {message}", fix))
    if code(error) in _ENDED:
        fix = "Log in to AWS again, then run the command again; it resumes where it stopped."
        return CredentialsError(Problem("aws-credentials", message, fix))
    kind = CredentialsError if code(error) in _CREDENTIALS else UserError
    return kind(_refused(message))


def _refused(message: str) -> Problem:
    fix = "Fix the cause that AWS reports, then run the command again; it resumes where it stopped."
    return Problem("aws-refused", message, fix)


def _invalid(message: str) -> Problem:
    fix = "Correct that value in the app file or in the command, then run the command again."
    return Problem("aws-value", message, fix)


def _clock(error: ClientError) -> float:
    """Return the seconds by which AWS's clock is ahead of ours, by its answer's own date."""
    said = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date", "")
    try:
        return (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds()
    except (TypeError, ValueError):
        return 0.0
