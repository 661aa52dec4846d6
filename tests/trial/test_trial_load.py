"""Which answers of the load count as failures, and which paths it requests."""

from __future__ import annotations

import pytest

from seatrial.model.app import App
from seatrial.trial.context import paths
from seatrial.trial.load import Answer


@pytest.mark.parametrize(
    ("status", "server", "failed"),
    [
        (200, "uvicorn", False),
        (404, "uvicorn", False),
        (404, "awselb/2.0", True),
        (301, "awselb/2.0", False),
        (502, "awselb/2.0", True),
        (500, "uvicorn", True),
        (0, "", True),
    ],
)
def test_a_404_of_the_balancer_itself_is_a_failure(status: int, server: str, *, failed: bool):
    """No rule led to a service: nothing of the app has answered. A redirect is the balancer's."""
    assert Answer(0, 0, status, "/", server=server).failed is failed


def test_the_load_requests_what_a_public_service_answers():
    """Without requests and with a health path outside its public paths: the public one, not `/`."""
    row = {"build": ".", "port": 80, "public": {"path": ["/api"]}, "health": {"path": "/up"}}
    app = App.model_validate({"app": "a", "region": "us-east-1", "services": {"api": row}})
    assert paths(app) == ("/api",)
