"""The steps of a trial, in their order: what each runs, expects, and when it is skipped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from seatrial.model.app import App
from seatrial.ops import expected_times
from seatrial.rehearsal.requirements import missing_part
from seatrial.trial import data_steps, destroy_steps, outage_steps, release_steps
from seatrial.trial.context import Skip, TrialContext
from seatrial_emulator.faults.fault import Fault, Need

ALWAYS = ("deploy", "serving", "destroy", "nothing-left")


@dataclass(frozen=True)
class Step:
    """One step. ``no_failures``: no request of the load may fail while it runs.

    ``on_aws`` estimates its seconds on AWS.
    """

    name: str
    title: str
    run: Callable[[TrialContext], list[str]]
    skip: Skip = lambda _: ""
    no_failures: bool = False
    on_aws: Callable[[App], int] = lambda _: 0


def needs(need: Need) -> Skip:
    """Return a function that says why a step is skipped: the app has no ``need``."""
    return lambda trial: missing_part(trial.app, need)


STEPS = (
    Step(
        "deploy",
        "the first deploy succeeds and the app serves",
        release_steps.deploy,
        on_aws=expected_times.first_deploy,
    ),
    Step("serving", "the app answers as its app file expects", release_steps.check_serving),
    Step(
        "good-release",
        "a good release, without a failed request",
        release_steps.good_release,
        needs(""),
        no_failures=True,
        on_aws=expected_times.release,
    ),
    Step(
        "crash-release",
        "a release that crashes at its start is rolled back; the old one serves throughout",
        release_steps.crashing_release,
        needs(""),
        no_failures=True,
        on_aws=expected_times.crash,
    ),
    Step(
        "fading-release",
        "a release that becomes healthy and then fails is rolled back; the old one serves",
        release_steps.fading_release,
        needs("public"),
        no_failures=True,
        on_aws=lambda app: 2 * expected_times.release(app),
    ),
    Step(
        "rollback",
        "the previous release serves again, without a failed request",
        release_steps.roll_back,
        release_steps.why_no_rollback,
        no_failures=True,
        on_aws=expected_times.release,
    ),
    Step("plan", "a plan right after would change nothing", release_steps.plan),
    Step(
        "migration",
        "the migration runs a second time without an error",
        data_steps.migration,
        data_steps.why_no_migration,
        on_aws=lambda _: expected_times.TASK + expected_times.MIGRATION,
    ),
    Step(
        "failing-migration",
        "a failing migration stops the release; the old one serves",
        data_steps.failing_migration,
        data_steps.why_no_migration,
        no_failures=True,
        on_aws=lambda _: expected_times.TASK + expected_times.MIGRATION,
    ),
    Step("backup", "a backup of each database", data_steps.backup, needs("database")),
    Step(
        "restore",
        "the database is emptied, restored, compared and switched over",
        data_steps.restore,
        data_steps.why_no_backup,
        on_aws=lambda app: expected_times.DATABASE + expected_times.release(app),
    ),
    Step(
        "rotate-secrets",
        "new secret values, without a failed request",
        data_steps.rotate_secrets,
        data_steps.why_no_generated,
        no_failures=True,
        on_aws=expected_times.release,
    ),
    Step(
        "rotate-passwords",
        "new database passwords",
        data_steps.rotate_passwords,
        needs("database"),
        on_aws=expected_times.release,
    ),
    Step(
        "kill-task",
        "a killed task is replaced",
        outage_steps.kill_task,
        needs(""),
        on_aws=expected_times.replacement,
    ),
    Step(
        "kill-database", "a killed database restarts", outage_steps.kill_database, needs("database")
    ),
    Step(
        "kill-api", "an outage of AWS's API does not disturb running tasks", outage_steps.kill_api
    ),
    Step(
        "destroy", "everything is destroyed", destroy_steps.destroy, on_aws=expected_times.destroy
    ),
    Step(
        "nothing-left",
        "no tagged resource, state, process or file is left",
        destroy_steps.nothing_left,
    ),
)


def selected(only: tuple[str, ...], faults: tuple[Fault, ...]) -> tuple[Step, ...]:
    """Return the steps to run, in order; a step for each fault comes before the destroy."""
    found = [s for s in STEPS if not only or s.name in only or s.name in ALWAYS]
    return (*found[:-2], *(_fault_step(fault) for fault in faults), *found[-2:])


def _fault_step(fault: Fault) -> Step:
    release = fault.applies_to == "release"
    title = (
        f"a release with {fault.id} is rolled back; the old one serves"
        if release
        else f"{fault.id} for a while; everything is healthy after it"
    )
    return Step(
        f"fault-{fault.id}",
        title,
        lambda trial: outage_steps.inject_fault(trial, fault),
        needs(fault.needs),
        no_failures=release,
    )
