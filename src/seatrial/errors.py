"""Every error that the user can fix: what happened, where, and what to do about it.

A ``Problem`` is one finding; a ``UserError`` carries one or many of them to the command line,
which prints them and exits with the error's code. Any other exception is a bug.

    UserError                 1  nothing was changed, or what served before still serves
     +- AppFileError          2  the app file
     +- UsageError            2  the command line
     +- BrokenError           3  failed and not rolled back
     +- LockedError           4  another command is running
     +- CredentialsError      5  credentials or account
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar


@dataclass(frozen=True, order=True)
class Place:
    """A position in a file; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong and what to do about it; ``key`` is the app file's path."""

    code: str
    message: str
    fix: str
    key: str = ""
    place: Place | None = None

    def order(self) -> tuple[Place, str, str]:
        """Return what sorts problems: by place, then key and message."""
        return (self.place or Place("", 0, 0), self.key, self.message)

    def at(self, place: Place | None) -> Problem:
        """Return the same problem with a place."""
        return replace(self, place=place)

    def as_json(self) -> dict[str, object]:
        """Return the documented JSON shape of ``check --json``."""
        return {
            "code": self.code,
            "message": self.message,
            "file": self.place.file if self.place else None,
            "line": self.place.line if self.place else None,
            "column": self.place.column if self.place else None,
            "key": self.key,
            "fix": self.fix,
        }

    def __str__(self) -> str:
        where = ""
        if self.place or self.key:
            where = f"\n  at {' '.join(str(part) for part in (self.place, self.key) if part)}"
        return printable(f"error[{self.code}]: {self.message}{where}\n  fix: {self.fix}")


def printable(text: str) -> str:
    """Return a text in which nothing steers a terminal or reorders what is read.

    Control and format characters (Unicode categories Cc and Cf: escapes, bidirectional marks) are
    shown as their escapes; newlines and tabs stay.
    """
    if text.isprintable():
        return text
    return "".join(
        c if c in "\n\t" or c.isprintable() or c == "\u00a0" else _escaped(c) for c in text
    )


def _escaped(character: str) -> str:
    if unicodedata.category(character)[0] == "Z":  # other spaces and line separators
        return " "
    return (
        character.encode("ascii", "backslashreplace").decode()
        if character > "\x7f"
        else (f"\\x{ord(character):02x}")
    )


class UserError(Exception):
    """A failure that the user can fix; carries every problem found, not only the first."""

    exit_code: ClassVar[int] = 1

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems

    @classmethod
    def of(cls, code: str, message: str, fix: str, key: str = "") -> UserError:
        """Make the error for a single problem."""
        return cls(Problem(code, message, fix, key))


class AppFileError(UserError):
    """The app file is not valid."""

    exit_code = 2

    def __init__(self, problems: Iterable[Problem]) -> None:
        super().__init__(*problems)


class UsageError(UserError):
    """The command was called with wrong arguments."""

    exit_code = 2


class BrokenError(UserError):
    """Something failed half-way and could not be rolled back."""

    exit_code = 3


class LockedError(UserError):
    """Another command holds the environment's lock."""

    exit_code = 4


class CredentialsError(UserError):
    """AWS rejects the credentials, or they belong to another account than expected."""

    exit_code = 5


# Every code with its explanation. docs/errors.md is generated from here; a test checks that the
# sources use exactly these codes.
EXPLANATIONS: Mapping[str, str] = {
    "appfile-alarms": "An alarm or a budget needs at least one address to notify.",
    "appfile-build": "A service has either `image` or a `build` folder that exists and says how "
    "to build it.",
    "appfile-build-outside": "A build reads its whole folder. The folder must lie inside the "
    "project, also after following symbolic links, so that an app file cannot ship other files of "
    "this machine.",
    "appfile-capacity": "Tasks run on Fargate, on Spot, or on both in given shares.",
    "appfile-choice": "The key accepts only certain values.",
    "appfile-command": "An image that is generated from a Python project has no command of its "
    "own; one of a Node project runs its `start` script.",
    "appfile-control-character": "Names and values must not contain control characters.",
    "appfile-count": "A range of tasks needs `min`, `max` and a scaling target.",
    "appfile-credential": "Everyone who can view the task (console, API, CloudTrail) can read "
    "`env`. Credentials belong in `secrets`.",
    "appfile-duplicate-key": "YAML would silently use the last of two equal keys.",
    "appfile-edge": "Plain HTTP exposes passwords and tokens to everyone on the network path.",
    "appfile-empty": "An app needs at least one service, job, site, database or other noun to "
    "deploy.",
    "appfile-encoding": "App files are UTF-8.",
    "appfile-database-insights": "Some small instance classes do not support Performance Insights.",
    "appfile-secret": "What the app file says of a secret contradicts itself or what ECS can do.",
    "appfile-database-log": "RDS can send only certain logs of each engine to CloudWatch.",
    "appfile-database-parameter": "Some database parameters are set by Seatrial to keep the "
    "database secure.",
    "appfile-database-storage": "RDS storage grows by at least 10 % and never shrinks.",
    "appfile-domain": "A domain needs a public service or site, and a hosted zone that contains "
    "it.",
    "appfile-engine-version": "RDS offers only certain major versions.",
    "appfile-environment": "Environments are overlays with short names that are not the name of a "
    "noun; an overlay cannot rename the app.",
    "appfile-fargate-size": "Fargate offers only certain combinations of CPU and memory.",
    "appfile-grants": "IAM limits how long the policies of one role are together, and every use "
    "of a noun is a part of them.",
    "appfile-health": "A health check's timeout must be shorter than its interval.",
    "appfile-limit": "AWS limits how many rules and target groups one load balancer can have.",
    "appfile-missing-key": "A required key is missing.",
    "appfile-name-reserved": "Seatrial itself uses this name.",
    "appfile-name-twice": "Names are unique in an app, so that a reference means one thing.",
    "appfile-not-found": "There is no app file at the given path, here, or in a parent folder.",
    "appfile-null": "An empty value is nearly always an indentation mistake.",
    "appfile-pattern": "AWS accepts the value only in a certain form.",
    "appfile-planned-key": "The key is planned, but this version does not support it yet.",
    "appfile-range": "The value is outside the range that AWS accepts.",
    "appfile-reference": "`${name.attribute}` must name an attribute of a noun listed in `uses`.",
    "appfile-region": "AWS does not offer every service in every region.",
    "appfile-retention": "CloudWatch Logs accepts only certain retention periods.",
    "appfile-route": "Every public route leads to exactly one service with a port.",
    "appfile-schedule": "Schedules are five-field cron expressions, or AWS's `cron()` and "
    "`rate()`.",
    "appfile-shell": "Commands run without a shell, so shell operators would be passed as plain "
    "arguments.",
    "appfile-syntax": "The file is not valid YAML, or not a single document of maps.",
    "appfile-tab": "YAML does not allow tabs for indentation.",
    "appfile-tag": "YAML tags can construct arbitrary objects; app files do not support them.",
    "appfile-timezone": "Time zones are names from the IANA database, such as `Europe/Berlin`.",
    "appfile-too-large": "Limits on size, depth, aliases and values protect against hostile files.",
    "appfile-site-route": "A site's route must match a public route of its service, because "
    "requests pass the load balancer's rules.",
    "appfile-terraform": "A `terraform:` patch changes a generated resource; an extra file is "
    "valid Terraform.",
    "appfile-type": "The value has the wrong type for this key.",
    "appfile-unit": "Sizes and times need a unit.",
    "appfile-unknown-key": "An unknown key would have no effect, so it is most likely a mistake.",
    "appfile-use": "`uses` names a noun and, optionally, an access that the noun supports.",
    "appfile-variable-clash": "Two values are set for one environment variable.",
    "aws-account": "The app file names the account to deploy to, and the credentials belong to "
    "another one.",
    "aws-clock": "AWS rejects requests whose time is off by more than five minutes.",
    "aws-credentials": "Credentials expired; re-run to resume from the saved state.",
    "aws-refused": "AWS returned an error.",
    "aws-state": "The state bucket must contain only Terraform states and release records, as "
    "JSON.",
    "aws-unreachable": "There are no AWS credentials, or AWS cannot be reached.",
    "aws-value": "A name or value breaks a rule of AWS's API (length, pattern, type). No request "
    "was sent.",
    "build-site": "A site's command must produce its output folder with an index.html.",
    "build-engine": "AWS runs container images. Without a container engine none can be built and "
    "pushed.",
    "build-file": "Builds, sites and buckets use files of the project only: no symbolic link out "
    "of it, no pipe, no unreadable file.",
    "build-failed": "The build's packages could not be installed, or its Dockerfile could not be "
    "built.",
    "build-node": "A build is rehearsed on the version of Node that its image has.",
    "build-python": "A build is rehearsed on the version of Python that its image has: of "
    "`.python-version`, `requires-python`, or its Dockerfile's base.",
    "build-platform": "An image for a different CPU architecture than the task's fails when it "
    "starts.",
    "build-push": "An image could not be pushed; the running release is unchanged.",
    "build-tag": "A deploy runs an image by its digest, which the registry says for a tag.",
    "build-secret": "A secret of a build is read from a variable of the machine that deploys, not "
    "from the app file.",
    "build-runtime": "A build that requires `seatrial-runtime` gets its wheel from Seatrial.",
    "build-tools": "A tool that the build needs is missing or failed.",
    "database-backup": "A restore needs a backup that can be restored.",
    "database-broken": "The database is in a state from which it does not recover by itself.",
    "database-late": "The database did not become available in time.",
    "database-missing": "The app's database instance does not exist.",
    "database-pending": "RDS makes every change that waits for the maintenance window as soon as "
    "one is made at once, such as a new password.",
    "database-reader": "A login that only reads is made by a task in the VPC, which runs psql as "
    "the database's owner.",
    "database-restored": "An earlier restored database with other settings than the one in use is "
    "still there.",
    "database-snapshot": "RDS could not complete a snapshot.",
    "deploy-confirm": "A deploy asks for confirmation before it changes an account. Without a "
    "terminal, pass `--yes`.",
    "deploy-lock-left": "A lock that was not released blocks the next command.",
    "deploy-locked": "Only one command may change an environment at a time.",
    "deploy-smoke": "Tasks can be healthy while no request reaches them, so each deploy ends with "
    "a request to the app's address.",
    "deploy-stranger": "Another project with the same app name is deployed in this account; a "
    "deploy would destroy its services.",
    "deploy-unlock": "A lock is released by its ID only, so that nobody releases a different lock "
    "by mistake.",
    "deploy-would-lose": "A deploy never deletes a database or bucket.",
    "destroy-name": "Destroying an environment needs its name as confirmation.",
    "doctor-finding": "A command failed, and `seatrial doctor` has looked at what it left: this is "
    "its first finding.",
    "destroy-objects": "Objects in buckets are exported first, or deleted with `--lose-objects`.",
    "migration-failed": "A migration ended with an error; the new version gets no traffic.",
    "migration-unplaced": "ECS answers without a task where Fargate has no room or a quota is "
    "reached.",
    "pause-confirm": "A paused environment answers nobody. Without a terminal, pass `--yes`.",
    "rehearsal-ended": "A process that every rehearsal needs ended, and the rehearsal with it.",
    "rehearsal-engine": "A rehearsal with containers needs podman, Linux namespaces and root.",
    "rehearsal-image": "Ready-made images need a container engine.",
    "rehearsal-model-script": "The script that answers for an app's models has a fault.",
    "rehearsal-kill": "Nothing of what was named runs in the rehearsal.",
    "rehearsal-none": "The command uses a running rehearsal, and none is running.",
    "rehearsal-ports": "A rehearsal needs two free ports on 127.0.0.1.",
    "rehearsal-runs": "Only one rehearsal of an environment can run at a time.",
    "rehearsal-start": "The emulator's process ended before it was ready.",
    "release-foundation": "An earlier release can run only on the current foundation, which lacks "
    "something it needs.",
    "release-image": "A release's image was deleted, so the release cannot run again.",
    "release-migration": "This release's code needs columns that later migrations dropped.",
    "release-none": "The command needs a release that serves, and there is none.",
    "release-record": "A release's record, kept next to Terraform's state, is missing or "
    "unreadable.",
    "release-unknown": "A rollback goes to a release that once served.",
    "secret-early": "A secret is created by the first deploy; before that it cannot hold a value.",
    "secret-existing": "A secret that is kept outside of the app is used, and never changed.",
    "secret-missing": "A secret that is set by hand, or that is said to exist, has no value.",
    "secret-vault": "Vault did not return the requested values.",
    "service-failed": "A service did not become healthy.",
    "terraform-apply": "Terraform or its provider failed; its error message is shown above the "
    "fix.",
    "terraform-credentials": "Terraform has no valid credentials.",
    "terraform-destroy": "Terraform or its provider failed to destroy resources.",
    "terraform-init": "Terraform could not initialise a root and its state.",
    "terraform-literal": "AWS's own schema of a resource does not allow a value that would be "
    "generated: what the app file says there, or a patch under `terraform:`.",
    "terraform-locked": "Another command holds Terraform's own lock on this state.",
    "terraform-missing": "Neither Terraform nor OpenTofu is installed.",
    "terraform-old": "Write-only arguments need Terraform or OpenTofu 1.11.",
    "terraform-output": "The outputs of a root could not be read.",
    "terraform-plan": "Terraform could not plan.",
    "terraform-provider-gone": "The AWS provider exited while Terraform was using it.",
    "terraform-state": "Terraform's state could not be changed.",
    "usage-assume": "`cost --assume` takes a known assumption and a number.",
    "usage-ci-account": "A CI takes a role of one account, which the app file names as the "
    "environment's `account`.",
    "usage-ci-edited": "`seatrial ci` replaces only a file that is as it was made.",
    "usage-ci-repository": "A role is taken by the jobs of one repository and one branch. A "
    "pattern would let others in.",
    "usage-command": "The command line names a command, option or argument that does not exist.",
    "usage-database": "The command needs the name of a database in the app file.",
    "usage-environment": "The app file has no such environment.",
    "usage-fault": "There is no fault with this name.",
    "usage-file": "A file could not be read.",
    "usage-folder": "A report is written into a folder that already exists.",
    "usage-moment": "A database can be restored only to a time in the past.",
    "usage-practice": "The variables that `practice` prints belong together, and apply only to an "
    "account on this machine.",
    "usage-pattern": "`logs --filter` takes a regular expression.",
    "usage-program": "Seatrial runs other programs: Terraform, container engines, Git. One of "
    "them could not be run.",
    "usage-provider": "The quick provider is only for accounts on this machine.",
    "usage-remove": "A database or bucket is removed in two steps: first from the app file, then "
    "by name.",
    "usage-secret": "A value belongs to a secret of the app file, and is not empty.",
    "usage-service": "The command needs a service that is running.",
    "usage-step": "There is no trial step with this name.",
    "usage-kill": "`seatrial kill` needs a service, `--databases` or `--api`.",
    "usage-metrics": "The name is not a noun of the app file that CloudWatch has metrics of.",
    "usage-output": "The name is not one of what is deployed, or has no public address.",
    "usage-topic": "`seatrial explain` takes an error's code or a key of the app file.",
    "usage-init-empty": "`seatrial init` found no program here: no compose file, manifest, "
    "Procfile, Dockerfile, requirements or package.json that says what runs.",
    "usage-init-exists": "`seatrial init` never overwrites a file. Nothing was written.",
    "usage-init-invalid": "What `seatrial init` found cannot be written as a valid app file; "
    "nothing was written.",
    "usage-system": "The operating system refused to read, write or start something.",
    "usage-time": "Durations need a unit.",
    "verify-connections": "During a rollout old and new tasks are connected at the same time: "
    "pool size times tasks times two must not exceed the database's limit.",
    "verify-credentials": "Credentials that expire during a deploy leave it unfinished.",
    "verify-engine": "RDS creates no instance of a version past its standard support without "
    "Extended Support, which is billed by vCPU and hour and turned off here.",
    "verify-image": "A task does not start if its image is missing or built for another CPU "
    "architecture.",
    "verify-model": "A model is not offered in the region, or the account has no access to it.",
    "verify-permissions": "IAM says beforehand that the policies of these credentials would "
    "refuse calls that a deploy makes.",
    "verify-quota": "AWS limits the number of each resource per account and region.",
    "verify-secret-deleted": "A secret that is scheduled for deletion keeps its name until its "
    "recovery window ends.",
    "verify-secret-keys": "A task does not start if its secret lacks a key that the task reads.",
    "verify-secret-missing": "A task does not start if its secret has no value.",
    "verify-unchecked": "A check that could not run is reported, and does not count as passed.",
}
