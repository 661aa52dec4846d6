"""Services are started anew for a value that changed, once, and also after a failed deploy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from helpers import EmulatorProcess
from seatrial.cloud import services, storage
from seatrial.cloud.session import Session
from seatrial.model.app import App
from seatrial.ops import deploy, migrate
from seatrial.ops.release.operation import Operation, Steps
from seatrial.ops.release.roots import Roots
from seatrial.target import Target

APP = """
app: restarts
region: us-east-1
services:
  web: {build: api, command: a, uses: [db]}
  mail: {build: api, command: a, uses: [db]}
  other: {build: api, command: a}
databases: {db: {}}
"""


@pytest.fixture
def session(emulator: EmulatorProcess, tmp_path: Path) -> Session:
    """Return a session of an account with a state bucket."""
    keys = (emulator.access_key, emulator.secret_key)
    target = Target("dev", "123456789012", "us-east-1", tmp_path, emulator.endpoint, *keys)
    found = Session(target)
    storage.ensure_bucket(found)
    return found


def deployments(session: Session) -> dict[str, str]:
    """Return each service's primary deployment."""
    found = services.describe(session, "restarts-dev", ["web", "mail", "other"])
    return {service.name: service.deployments[0].id for service in found}


def test_only_users_whose_tasks_are_not_replaced_already_are_restarted(
    session: Session, app: Callable[..., App]
):
    """One gets new tasks by the release itself, one uses nothing that changed."""
    ecs = session.client("ecs")
    ecs.create_cluster(clusterName="restarts-dev")
    ecs.register_task_definition(
        family="a", containerDefinitions=[{"name": "a", "image": "a", "memory": 128}]
    )
    for name in ("web", "mail", "other"):
        ecs.create_service(
            cluster="restarts-dev", serviceName=name, taskDefinition="a", desiredCount=0
        )
    before = deployments(session)
    names = migrate.restart(session, app(APP), "restarts-dev", {"db"}, replaced={"mail"})
    after = deployments(session)
    assert names == ["web"]
    assert {name for name in after if after[name] != before[name]} == {"web"}
    assert migrate.restart(session, app(APP), "restarts-dev", set()) == []


def test_changed_values_that_no_release_took_up_are_left_to_the_next_one(
    session: Session, app: Callable[..., App]
):
    """A deploy that fails after it rotated a password leaves its users on the old one."""
    roots = Roots(session, "restarts", lambda _: None)
    work = Operation(app(APP), session, roots, Steps(lambda _: None), lambda _: None, None)
    assert deploy._unseen(work, set()) == set()
    assert deploy._unseen(work, {"db"}) == {"db"}
    assert deploy._unseen(work, {"files"}) == {"db", "files"}
    storage.remove(session, deploy._unseen_key(work))
    assert deploy._unseen(work, set()) == set()
