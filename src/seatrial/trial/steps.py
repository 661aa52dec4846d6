"""The steps of a trial, in their order; each says when it is skipped and what must hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from seatrial.model.app import App
from seatrial.ops import expected
from seatrial.rehearsal.up import lacks
from seatrial.trial import data, end, harm, releases
from seatrial.trial.stage import Skip, Stage
from seatrial_emulator.faults.fault import Fault, Need

ALWAYS = ("deploy", "serving", "destroy", "nothing-left")


@dataclass(frozen=True)
class Step:
    """One step. ``unbroken``: not one request may fail while it runs."""

    name: str
    title: str
    run: Callable[[Stage], list[str]]
    skip: Skip = lambda _: ""
    unbroken: bool = False
    on_aws: Callable[[App], int] = lambda _: 0


def without(what: Need) -> Skip:
    """Return a way to skip a step where the app has no ``what``."""
    return lambda stage: lacks(stage.app, what)


STEPS = (
    Step(
        "deploy", "the first deploy comes to serve", releases.deploy, on_aws=expected.first_deploy
    ),
    Step("serving", "the app answers as its file says", releases.serving),
    Step(
        "good-release",
        "a good release, without one failed request",
        releases.good,
        without(""),
        unbroken=True,
        on_aws=expected.release,
    ),
    Step(
        "crash-release",
        "a release that crashes at its start is put back; the old one serves throughout",
        releases.crash,
        without(""),
        unbroken=True,
        on_aws=expected.crash,
    ),
    Step(
        "fading-release",
        "a release that turns healthy and then fails is put back; the old one serves",
        releases.fading,
        without("public"),
        unbroken=True,
        on_aws=lambda app: 2 * expected.release(app),
    ),
    Step(
        "rollback",
        "the release before serves again, without one failed request",
        releases.back,
        releases.no_other,
        unbroken=True,
        on_aws=expected.release,
    ),
    Step("plan", "a plan right after would change nothing", releases.plan),
    Step(
        "migration",
        "the migration runs again on its own result",
        data.migration,
        data.no_migration,
        on_aws=lambda _: expected.TASK + expected.MIGRATION,
    ),
    Step(
        "failing-migration",
        "a migration that fails stops the release; the old one serves",
        data.failing_migration,
        data.no_migration,
        unbroken=True,
        on_aws=lambda _: expected.TASK + expected.MIGRATION,
    ),
    Step("backup", "a backup of each database", data.backup, without("database")),
    Step(
        "restore",
        "the database is damaged, restored, compared and switched over",
        data.restore,
        data.no_backup,
        on_aws=lambda app: expected.DATABASE + expected.release(app),
    ),
    Step(
        "rotate-secrets",
        "new values of secrets, without one failed request",
        data.rotate_secrets,
        data.no_generated,
        unbroken=True,
        on_aws=expected.release,
    ),
    Step(
        "rotate-passwords",
        "new passwords of databases",
        data.rotate_passwords,
        without("database"),
        on_aws=expected.release,
    ),
    Step(
        "kill-task",
        "a killed task is replaced",
        harm.kill_task,
        without(""),
        on_aws=expected.replacement,
    ),
    Step("kill-database", "a killed database comes back", harm.kill_database, without("database")),
    Step("kill-api", "AWS's API is away for a moment; what runs goes on", harm.kill_api),
    Step("destroy", "everything is destroyed", end.destroy, on_aws=expected.destroy),
    Step(
        "nothing-left", "nothing is left: by tag, in the state, processes, files", end.nothing_left
    ),
)


def chosen(only: tuple[str, ...], faults: tuple[Fault, ...]) -> tuple[Step, ...]:
    """Return the steps to run, in order; a step for each fault stands before the destroy."""
    found = [s for s in STEPS if not only or s.name in only or s.name in ALWAYS]
    return (*found[:-2], *(_of(fault) for fault in faults), *found[-2:])


def _of(fault: Fault) -> Step:
    release = fault.bites == "release"
    title = (
        f"a release with {fault.id} is put back; the old one serves"
        if release
        else f"{fault.id} for a while, and all is well after it"
    )
    return Step(
        f"fault-{fault.id}",
        title,
        lambda stage: harm.fault(stage, fault),
        without(fault.needs),
        unbroken=release,
    )
