"""What a program finds in its environment, and whose word counts where two set one variable."""

from __future__ import annotations

from collections.abc import Callable

from seatrial.model.app import App
from seatrial.resources.catalog import graph
from seatrial_runtime import contract

Make = Callable[..., App]
TEXT = "app: shop\nregion: us-east-1\nservices: {api: {build: ./api, command: run, env: {%s}}}\n"


def variables(app: App) -> dict[str, object]:
    """Return the plain variables of the service."""
    body = graph(app).by_address[("aws_ecs_task_definition", "api")].body
    rows = body["container_definitions"].value[0]["environment"]
    return {row["name"]: row["value"] for row in rows}


def test_the_apps_own_variables_win_over_the_platforms(app: Make):
    """Celery reads APP and settings have a closed list for ENVIRONMENT: both can be set, and what
    the platform says is there under its own names as well.
    """
    found = variables(app(TEXT % "APP: shop.celery, ENVIRONMENT: PRODUCTION"))
    assert (found["APP"], found["ENVIRONMENT"]) == ("shop.celery", "PRODUCTION")
    assert (found["SEATRIAL_APP"], found["SEATRIAL_ENVIRONMENT"]) == ("shop", "dev")
    assert found["RELEASE"] == found["SEATRIAL_RELEASE"]
    plain = variables(app(TEXT % ""))
    assert (plain["APP"], plain["ENVIRONMENT"]) == ("shop", "dev")


def test_the_kit_reads_the_platforms_own_names_first():
    """An app's own APP is not taken for the platform's; by hand the plain one is enough."""
    given = {"APP": "shop.celery", "SEATRIAL_APP": "shop"}
    assert contract.platform(given, "APP") == "shop"
    assert contract.platform({"APP": "by-hand"}, "APP") == "by-hand"
    assert contract.platform({}, "RELEASE") == ""
