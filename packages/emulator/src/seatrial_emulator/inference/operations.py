"""Operations of Bedrock's APIs as functions: what IAM is asked first, and how they answer.

Each operation's parameters come parsed by botocore's model of it, and its answer is written by it.
"""

from __future__ import annotations

import secrets
import string
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from seatrial_emulator.inference.conversation import InferenceError

Row = dict[str, Any]
Key = tuple[str, str]  # the service's name in botocore, and the operation's


class Caller(Protocol):
    """Who calls: its ARN, and whether its policies allow an action on a resource."""

    @property
    def arn(self) -> str:
        """Return the caller's ARN."""

    def may(self, action: str, resource: str, context: Mapping[str, str]) -> bool:
        """Return whether an action on a resource is allowed."""


def authorize(caller: Caller, action: str, resource: str, context: Mapping[str, str]) -> None:
    """Raise AWS's refusal where a caller may not do something."""
    if not caller.may(action, resource, context):
        text = (
            f"User: {caller.arn} is not authorized to perform: {action} on resource: {resource} "
            f"because no identity-based policy allows the {action} action"
        )
        raise InferenceError("AccessDeniedException", text)


@dataclass(frozen=True)
class Place:
    """The account and region that resources are in."""

    account: str
    region: str

    def arn(self, kind: str, name: str) -> str:
        """Return the ARN of a resource."""
        return f"arn:aws:bedrock:{self.region}:{self.account}:{kind}/{name}"


@dataclass(frozen=True, kw_only=True)
class Request:
    """One call: who calls, and with which parameters."""

    parameters: Row
    caller: Caller


@dataclass(frozen=True)
class Stream:
    """An answer that is an event stream, with the members of the answer that are headers."""

    events: Iterator[bytes]
    headers: Row


Run = Callable[[Request], "Row | Stream"]


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation: ``resource`` is the ARN that IAM is asked about, of the parameters.

    ``alone`` where it changes records: such calls come one after the other.
    """

    run: Run
    resource: Callable[[Row], str] = lambda _: "*"
    action: str = ""
    alone: bool = True


Operations = dict[Key, Operation]


class Tags:
    """The tags of resources, by their ARNs."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, str]] = {}

    def of(self, arn: str) -> dict[str, str]:
        """Return the tags of a resource; raises InferenceError where there is none."""
        if arn not in self.rows:
            raise InferenceError("ResourceNotFoundException", f"Resource {arn} not found.")
        return self.rows[arn]

    def operations(self) -> Operations:
        """Return the operations on tags: Bedrock's are lists, the agents' API has maps."""
        lists = self._three("bedrock", "resourceARN", pairs, listed)
        return lists | self._three("bedrock-agent", "resourceArn", dict, dict)

    def _three(
        self, service: str, key: str, read: Callable[[Any], dict[str, str]], shown: Any
    ) -> Operations:
        def tag(request: Request) -> Row:
            self.of(request.parameters[key]).update(read(request.parameters["tags"]))
            return {}

        def untag(request: Request) -> Row:
            found = self.of(request.parameters[key])
            for name in request.parameters["tagKeys"]:
                found.pop(name, None)
            return {}

        def tell(request: Request) -> Row:
            return {"tags": shown(self.of(request.parameters[key]))}

        rows: dict[str, Run] = {
            "TagResource": tag,
            "UntagResource": untag,
            "ListTagsForResource": tell,
        }
        return {
            (service, name): Operation(run=run, resource=lambda given: str(given[key]))
            for name, run in rows.items()
        }


def pairs(rows: list[Row]) -> dict[str, str]:
    """Return tags that came as a list of keys and values."""
    return {row["key"]: row["value"] for row in rows}


def listed(tags: dict[str, str]) -> list[Row]:
    """Return tags as a list of keys and values."""
    return [{"key": key, "value": value} for key, value in tags.items()]


_TOKENS = ("clientRequestToken", "clientToken")


class Answered:
    """Answers by the client's token: a creation that is sent again creates nothing."""

    def __init__(self) -> None:
        self.rows: dict[tuple[Key, str], Row] = {}
        self.lock = threading.RLock()

    def run(self, key: Key, operation: Operation, request: Request) -> Row | Stream:
        """Run an operation, or return what it answered to the same token."""
        if not operation.alone:
            return operation.run(request)
        token = request.parameters.get("clientRequestToken") or request.parameters.get(
            "clientToken"
        )
        with self.lock:
            if token and (key, token) in self.rows:
                return self.rows[key, token]
            answer = operation.run(request)
            if token and isinstance(answer, dict):
                self.rows[key, token] = answer
            return answer


def now() -> datetime:
    """Return the time as records have it."""
    return datetime.now(UTC).replace(microsecond=0)


def identifier(length: int, *, upper: bool) -> str:
    """Return a new ID of letters and digits."""
    letters = string.ascii_uppercase if upper else string.ascii_lowercase
    return "".join(secrets.choice(letters + string.digits) for _ in range(length))
