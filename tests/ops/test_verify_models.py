"""`verify` and the app's models: what Bedrock says of the account becomes a finding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from seatrial.model.app import App
from seatrial.ops.verify import models
from seatrial.ops.verify.finding import Case
from seatrial.target import Target

MODEL = "amazon.nova-lite-v1:0"
Said = tuple[str, str, str] | None
GOOD = ("AVAILABLE", "AUTHORIZED", "AVAILABLE")


class FakeSession:
    """A session whose Bedrock is stubbed."""

    def __init__(self) -> None:
        self.target = Target("live", "123456789012", "us-east-1", Path("nowhere"))
        self.bedrock = boto3.client(
            "bedrock", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
        )

    def client(self, service: str) -> Any:
        assert service == "bedrock"
        return self.bedrock


def findings(identifier: str, said: Said, *, profile: bool = True) -> list[tuple[str, str]]:
    """Return codes and severities; ``said`` is None where Bedrock knows no such model."""
    session = FakeSession()
    app = App.model_validate(App.expand({"app": "a", "region": "us-east-1"}))
    app = app.model_copy(update={"models": _models(identifier)})
    with Stubber(session.bedrock) as stub:
        if identifier != MODEL and profile:
            stub.add_response("get_inference_profile", _profile(identifier))
        elif identifier != MODEL:
            stub.add_client_error("get_inference_profile", "ResourceNotFoundException")
        if said is None and profile:
            stub.add_client_error("get_foundation_model_availability", "ValidationException")
        elif said:
            stub.add_response("get_foundation_model_availability", _availability(*said))
        case = Case(app, session, lambda _: None, 600)  # type: ignore[arg-type]
        found = [(row.code, row.severity) for row in models.check(case)]
        stub.assert_no_pending_responses()
    return found


def _models(identifier: str) -> Any:
    text = {"app": "a", "region": "us-east-1", **App.expand({"models": {"writer": identifier}})}
    return App.model_validate(text).models


def _profile(identifier: str) -> dict[str, Any]:
    arn = f"arn:aws:bedrock:us-east-1:123456789012:inference-profile/{identifier}"
    model = f"arn:aws:bedrock:us-east-1::foundation-model/{MODEL}"
    return {
        "inferenceProfileName": identifier,
        "inferenceProfileArn": arn,
        "inferenceProfileId": identifier,
        "models": [{"modelArn": model}],
        "status": "ACTIVE",
        "type": "SYSTEM_DEFINED",
    }


def _availability(region: str, authorization: str, entitlement: str) -> dict[str, Any]:
    return {
        "modelId": MODEL,
        "agreementAvailability": {"status": "AVAILABLE"},
        "authorizationStatus": authorization,
        "entitlementAvailability": entitlement,
        "regionAvailability": region,
    }


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (GOOD, []),
        (("AVAILABLE", "AUTHORIZED", "NOT_AVAILABLE"), [("verify-model", "warning")]),
        (("AVAILABLE", "NOT_AUTHORIZED", "AVAILABLE"), [("verify-model", "warning")]),
        (("NOT_AVAILABLE", "AUTHORIZED", "AVAILABLE"), [("verify-model", "error")]),
        (None, [("verify-model", "error")]),
    ],
)
def test_a_models_access_is_reported(
    said: tuple[str, str, str] | None, expected: list[tuple[str, str]]
):
    """No such model in the region is an error; no access yet is a warning; access is nothing."""
    assert findings(MODEL, said) == expected


def test_a_profile_that_is_not_there_is_an_error():
    """The model behind it is not asked for then."""
    assert findings(f"us.{MODEL}", None, profile=False) == [("verify-model", "error")]


def test_a_profile_reaches_models_that_the_region_lacks():
    """A profile's model may be in other regions alone."""
    assert findings(f"us.{MODEL}", ("NOT_AVAILABLE", "AUTHORIZED", "AVAILABLE")) == [
        ("verify-model", "warning")
    ]
