"""AWS's refusals, by botocore's Stubber: what the user sees, and what is never concluded."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import Stubber

from seatrial.cloud import databases, objects, registry, web
from seatrial.cloud.session import Session
from seatrial.errors import CredentialsError, UserError
from seatrial.target import Target

Stub = Callable[[str], Stubber]


@pytest.fixture
def session() -> Session:
    """Return a session that reaches nothing: each call must be stubbed."""
    target = Target("live", "123456789012", "us-east-1", Path("nowhere"), "", "AKIA", "secret")
    return Session(target, 1)


@pytest.fixture
def stub(session: Session) -> Stub:
    """Return an activated Stubber for a service."""

    def made(service: str) -> Stubber:
        found = Stubber(session.client(service))
        found.activate()
        return found

    return made


@pytest.mark.parametrize(
    ("code", "kind", "expected"),
    [
        ("AccessDenied", UserError, "aws-refused"),
        ("ExpiredTokenException", CredentialsError, "aws-credentials"),
        ("InvalidClientTokenId", CredentialsError, "aws-refused"),
    ],
)
def test_refusals_are_sorted_by_cause(
    session: Session, stub: Stub, code: str, kind: type[UserError], expected: str
):
    """An expired token and unknown keys are errors of credentials; else the message is AWS's."""
    stub("rds").add_client_error("describe_db_instances", code, "AWS says why")
    with pytest.raises(kind, match="AWS says why") as error:
        databases.describe(session, "notes-dev-db")
    assert error.value.problems[0].code == expected


def test_wrong_clock_is_named_as_the_cause(session: Session, stub: Stub):
    """AWS's own date is in its answer: ten minutes off is more than it accepts."""
    date = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)
    stub("rds").add_client_error(
        "describe_db_instances",
        "SignatureDoesNotMatch",
        "Signature expired",
        response_meta={"HTTPHeaders": {"date": date}},
    )
    with pytest.raises(CredentialsError, match=r"clock is \d+ s behind") as error:
        databases.describe(session, "notes-dev-db")
    assert error.value.problems[0].code == "aws-clock"


def test_unreachable_endpoint_is_reported(session: Session):
    """Nobody listens there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{free.getsockname()[1]}"
        target = Target("live", "1", "us-east-1", Path("nowhere"), endpoint, "AKIA", "secret")
        with pytest.raises(CredentialsError, match="could not reach AWS") as error:
            registry.has(Session(target, 1), "api", "sha256:1")
    assert error.value.problems[0].code == "aws-unreachable"


def test_a_value_that_aws_does_not_allow_is_not_taken_for_a_lost_connection(session: Session):
    """boto3 finds it in AWS's model before it sends anything; the message names the parameter."""
    with pytest.raises(UserError, match=r"repositoryName, value: 1, valid min length: 2") as error:
        registry.has(session, "x", "sha256:1")
    assert (error.value.problems[0].code, error.value.exit_code) == ("aws-value", 1)


def test_refused_upload_is_reported(session: Session, stub: Stub, tmp_path: Path):
    """A transfer raises its own exception, which is neither a ClientError nor a BotoCoreError."""
    stub("s3").add_client_error("put_object", "AccessDenied", "not you")
    (tmp_path / "a").write_text("a")
    with pytest.raises(UserError, match="to upload to files") as error:
        objects.put(session, "files", {"a": tmp_path / "a"}, {})
    assert error.value.problems[0].code == "aws-refused"


@pytest.mark.parametrize("answer", [{"DBInstances": []}, None])
def test_missing_database_is_reported(session: Session, stub: Stub, answer: Any):
    """By an empty list or by AWS's error; both are "there is none"."""
    rds = stub("rds")
    for _ in range(2):
        if answer is None:
            rds.add_client_error("describe_db_instances", "DBInstanceNotFound")
        else:
            rds.add_response("describe_db_instances", answer)
    assert databases.find(session, "gone") is None
    with pytest.raises(UserError, match="no database instance gone") as error:
        databases.describe(session, "gone")
    assert error.value.problems[0].code == "database-missing"


@pytest.mark.parametrize("code", ["AccessDenied", "Throttling"])
def test_refused_look_is_not_proof_that_a_database_is_gone(session: Session, stub: Stub, code: str):
    """After the delete, only DBInstanceNotFound means that it is gone."""
    rds = stub("rds")
    rds.add_response("modify_db_instance", {})
    rds.add_response("delete_db_instance", {})
    rds.add_client_error("describe_db_instances", code, "no answer")
    with pytest.raises(UserError, match="no answer"):
        databases.delete(session, "old", "old-final")


def test_every_way_of_not_answering_is_a_reason():
    """Refused, not HTTP, a broken status line, a URL that is none: status 0 and words."""

    class Broken(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.wfile.write(b"HTTP/1.1 two hundred\r\n\r\n")

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Broken) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        found = [
            web.ask(url, "GET", {}, timeout=5)
            for url in (
                f"http://127.0.0.1:{server.server_port}/",
                "http://127.0.0.1:1/",
                "nonsense",
                "http://127.0.0.1:x/",
            )
        ]
        server.shutdown()
    assert all(answer.status == 0 and answer.why for answer in found), found
