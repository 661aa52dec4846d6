"""Causes of failing health checks: which one is reported, when, and with which fix."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from canned import answers
from seatrial.cloud import health_checks
from seatrial.cloud.health_checks import FailingCheck
from seatrial.cloud.session import Session
from seatrial.model.service import Service as Given
from seatrial.ops.release.causes import explain
from seatrial.target import Target

GIVEN = Given.model_validate({"port": 8000, "health": {"path": "/health", "grace": 30}})
GROUP = "arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/web/1"


def seen(failure: Any, seconds: float = 10, **more: Any) -> FailingCheck:
    """Return a check of a program that was looked at."""
    return FailingCheck(failure=failure, port=8000, seen=True, seconds=seconds, **more)


@pytest.mark.parametrize(
    ("check", "text", "fix", "certain"),
    [
        (seen("refused", listens=("0.0.0.0:9000",)), "listens on port 9000", "port to 9000", True),
        (seen("refused", listens=("127.0.0.1:8000",)), "127.0.0.1:8000", "0.0.0.0:8000", True),
        (seen("refused", listens=("::1:8000",)), "::1:8000", "0.0.0.0:8000", True),
        (seen("refused"), "nothing listens on port 8000 yet", "health.grace (30 s)", False),
        (seen("silent"), "no answer within 4 s", "health.timeout", False),
        (seen("closed"), "closed without an HTTP answer", "without TLS", False),
        (seen("code", codes="404", answers="/up"), "`/up` answers", "health to `/up`", True),
        (seen("code", codes="404"), "answers 404", "health.codes", False),
        (seen("code", codes="503", answers="/"), "answers 503", "health to `/`", False),
        (seen("code", codes="500"), "answers 500", "health.codes", False),
        (seen("code", codes="400"), "ALLOWED_HOSTS", "Answer 200 at /health", False),
        (seen("code", codes="307", answers="/health/"), "a redirect", "health to `/health/`", True),
        (seen("code", codes="301", answers="https://a/"), "a redirect", "to HTTPS", True),
    ],
    ids=lambda value: value.failure + value.codes if isinstance(value, FailingCheck) else "",
)
def test_each_cause_has_its_own_fix(check: FailingCheck, text: str, fix: str, *, certain: bool):
    """Port, interface, path, grace: the fix names the one that fits; certain ones end a deploy."""
    cause = explain(check, "web", GIVEN)
    assert cause
    assert text in cause.text
    assert fix in cause.fix
    assert cause.certain is certain


@pytest.mark.parametrize(
    "check",
    [
        seen("refused", 3),
        seen("silent", 3),
        seen("code", 1, codes="503"),
        seen("refused", listens=("0.0.0.0:8000",)),
    ],
)
def test_a_program_that_may_still_be_starting_is_not_blamed(check: FailingCheck):
    """Nothing is reported in its first seconds, nor of a port that it listens on by now."""
    assert explain(check, "web", GIVEN) is None


def test_elb_tells_three_causes_of_an_unhealthy_target():
    """On AWS the reason codes of unhealthy targets are all that is known, and are enough to tell a
    wrong code, silence and a refused connection apart."""
    target = Target("live", "123456789012", "us-east-1", Path("nowhere"), "", "AKIA", "key")
    session = Session(target, 1)
    reasons = {
        "Target.ResponseCodeMismatch": "Health checks failed with these codes: [404]",
        "Target.Timeout": "Request timed out",
        "Target.FailedHealthChecks": "Health checks failed",
    }
    rows = [
        {
            "Target": {"Id": "10.0.0.4", "Port": 8000},
            "TargetHealth": {"State": state, "Reason": reason, "Description": text},
        }
        for reason, text in reasons.items()
        for state in ("unhealthy", "draining")
    ]
    answers(session, "elbv2", DescribeTargetHealth={"TargetHealthDescriptions": rows})
    found = health_checks.failing(session, (GROUP,), "")
    assert [(c.failure, c.codes) for c in found] == [
        ("code", "404"),
        ("silent", ""),
        ("refused", ""),
    ]
    reported = [explain(check, "web", GIVEN) for check in found]
    assert all(cause and not cause.certain for cause in reported)
    assert "0.0.0.0:8000" in str(reported[2])
