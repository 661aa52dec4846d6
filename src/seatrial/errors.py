"""Every error a person can fix: what happened, where, and what to do about it.

A ``Problem`` is one finding; a ``UserError`` carries one or many of them to the command line,
which prints them and exits with the error's code. Anything else that escapes is our bug.

    UserError                 1  nothing was changed, or what served before still serves
     +- AppFileError          2  the app file
     +- UsageError            2  the command line
     +- BrokenError           3  failed and not rolled back
     +- LockedError           4  somebody else is at work
     +- CredentialsError      5  credentials or account
"""

from __future__ import annotations

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

    def at(self, place: Place | None) -> Problem:
        """Return the same problem, pinned to a place."""
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
        return f"error[{self.code}]: {self.message}{where}\n  fix: {self.fix}"


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
    """The app file says something that cannot be."""

    exit_code = 2

    def __init__(self, problems: Iterable[Problem]) -> None:
        super().__init__(*problems)


class UsageError(UserError):
    """The command was called in a way that means nothing."""

    exit_code = 2


class BrokenError(UserError):
    """Something failed half-way and could not be put back."""

    exit_code = 3


class LockedError(UserError):
    """Another command holds the environment's lock."""

    exit_code = 4


class CredentialsError(UserError):
    """The account refuses us, or is another one than expected."""

    exit_code = 5


# Every code, and why it exists; the pages of docs/errors.md are generated from here, and a test
# keeps this list and the code's use of it equal.
EXPLANATIONS: Mapping[str, str] = {
    "appfile-alarms": "An alarm or a budget that tells nobody is worth nothing.",
    "appfile-build": "A service is built from a folder that exists and says how, or is an image.",
    "appfile-build-outside": "A build reads its folder whole; it must lie inside the project, "
    "also after symbolic links, so that an app file cannot ship files of the machine.",
    "appfile-capacity": "Tasks run on Fargate, on Spot, or on both by their shares.",
    "appfile-choice": "The key takes one of a few words.",
    "appfile-control-character": "Control characters have no meaning in names or values.",
    "appfile-count": "A range of tasks needs a lower end, an upper end and a reason to grow.",
    "appfile-credential": "What stands in `env` can be read by everybody who may look at the task "
    "(console, API, CloudTrail). Credentials belong into `secrets`.",
    "appfile-duplicate-key": "YAML would silently keep the last of two equal keys.",
    "appfile-edge": "Plain HTTP shows passwords and tokens to everybody on the way.",
    "appfile-empty": "An app without nouns is nothing to deploy.",
    "appfile-encoding": "App files are UTF-8.",
    "appfile-database-insights": "Small classes of some engines have no Performance Insights.",
    "appfile-database-log": "Each engine has certain logs that RDS can send to CloudWatch.",
    "appfile-database-parameter": "Some parameters are part of what keeps a database safe.",
    "appfile-database-storage": "A disk grows by a tenth at least, and never shrinks.",
    "appfile-domain": "A domain needs something public, and a zone that it lies in.",
    "appfile-engine-version": "RDS offers certain major versions only.",
    "appfile-environment": "Environments are overlays with names that commands can tell apart.",
    "appfile-fargate-size": "Fargate offers certain pairs of CPU and memory only.",
    "appfile-health": "A health check must be answered before the next one is asked.",
    "appfile-limit": "AWS's quotas for one load balancer.",
    "appfile-missing-key": "The noun means nothing without this key.",
    "appfile-name-reserved": "The platform itself uses this name.",
    "appfile-name-twice": "Names are unique across an app, so that references mean one thing.",
    "appfile-not-found": "There is no app file where one was looked for.",
    "appfile-null": "An empty value is nearly always a mistake of indentation.",
    "appfile-pattern": "The value must have a certain form for AWS to accept it.",
    "appfile-planned-key": "The design has this key, this version does not build it yet.",
    "appfile-range": "The value is outside what AWS accepts.",
    "appfile-reference": "`${name.attribute}` must lead to an attribute of a noun in `uses`.",
    "appfile-region": "Not every region has everything an app needs.",
    "appfile-retention": "CloudWatch Logs accepts certain retentions only.",
    "appfile-route": "Every public route leads to one service with a port.",
    "appfile-schedule": "Schedules are five-field cron, or AWS's own forms.",
    "appfile-shell": "Commands are run without a shell, so its operators would be plain words.",
    "appfile-syntax": "The file is not YAML, or not one document of maps.",
    "appfile-tab": "YAML forbids tabs as indentation.",
    "appfile-tag": "YAML tags could ask for anything; app files need none.",
    "appfile-timezone": "Time zones have names of the IANA database.",
    "appfile-too-large": "Limits on size, depth, aliases and values keep a hostile file harmless.",
    "appfile-site-route": "A site's route must reach its service through the balancer's rules.",
    "appfile-terraform": "A patch changes a resource that is generated; a file is Terraform.",
    "appfile-type": "The value is of another kind than the key takes.",
    "appfile-unit": "Sizes and times carry their unit, so that nobody has to guess.",
    "appfile-unknown-key": "A key that does nothing is a mistake that would stay unseen.",
    "appfile-use": "`uses` leads to a noun, in a way it can be used.",
    "appfile-variable-clash": "Two values for one environment variable: only one could win.",
    "aws-account": "The app file pins the account, so that nobody deploys into the wrong one.",
    "aws-clock": "AWS refuses requests whose time is more than five minutes off.",
    "aws-credentials": "Credentials end; what was being made goes on from its state.",
    "aws-refused": "AWS answered with an error.",
    "aws-state": "The state bucket holds Terraform's states and release records, all of them JSON.",
    "aws-unreachable": "No credentials, or no way to AWS.",
    "build-site": "A site's command must make its files, with an index.html among them.",
    "build-engine": "AWS runs container images; without an engine that builds them nothing can be "
    "pushed.",
    "build-file": "What a build, a site or a bucket takes in are files of the project: no link out "
    "of it, no pipe, nothing that cannot be read or named.",
    "build-failed": "A build's packages could not be installed, or its Dockerfile not be built.",
    "build-platform": "An image for another CPU than the task's dies at its start.",
    "build-push": "An image could not be pushed; what serves is untouched.",
    "build-runtime": "Builds that require `seatrial-runtime` get its wheel from Seatrial.",
    "build-tools": "A tool that builds need is missing, or refused.",
    "database-backup": "A restore begins with a backup that can be restored.",
    "database-broken": "The database is in a state that no waiting ends.",
    "database-late": "The database did not become available in time.",
    "database-missing": "The app's database instance does not exist under its name.",
    "database-restored": "A restored database stands where the other one stands.",
    "database-snapshot": "RDS could not finish a snapshot.",
    "deploy-confirm": "A deploy asks before it changes an account, and where nobody can answer it "
    "wants the answer in advance.",
    "deploy-lock-left": "A lock that could not be released holds the next command off.",
    "deploy-locked": "One deploy at a time: two would interleave.",
    "deploy-smoke": "Tasks can be healthy while no request reaches them: the address itself is "
    "asked at the end.",
    "deploy-stranger": "Two projects under one name would destroy each other's services.",
    "deploy-unlock": "A lock is released by its ID only, so that nobody releases another one than "
    "was looked at.",
    "deploy-would-lose": "A deploy never withdraws what holds data.",
    "destroy-name": "What is destroyed is named in words, by whoever destroys it.",
    "destroy-objects": "Objects are exported, or given up in words.",
    "migration-failed": "A migration ended with an error; the new version takes no traffic.",
    "rehearsal-engine": "Containers of a rehearsal need podman and namespaces of the kernel.",
    "rehearsal-image": "Finished images need a container engine.",
    "rehearsal-none": "The command reads a running rehearsal, and none runs.",
    "rehearsal-ports": "A rehearsal listens on two ports of 127.0.0.1.",
    "rehearsal-runs": "One rehearsal of an environment at a time.",
    "rehearsal-start": "The emulator's process ended before it was ready.",
    "release-foundation": "An earlier release runs on today's foundation, or not at all.",
    "release-image": "A release is its images; one that was deleted cannot serve again.",
    "release-migration": "Code cannot work with a database from which its columns were taken "
    "since.",
    "release-none": "The command works on a release that serves.",
    "release-record": "Seatrial keeps a record of each release beside Terraform's state.",
    "release-unknown": "A rollback goes back to a release that served.",
    "secret-early": "A secret is made by the first deploy; before that there is nothing that "
    "could keep a value.",
    "secret-missing": "A secret that is set by hand has no value, and nobody may make one up.",
    "secret-vault": "Vault did not give the values that were asked for.",
    "service-failed": "A service does not come to serve.",
    "terraform-apply": "Terraform or its provider refused; its own words stand above the fix.",
    "terraform-credentials": "Terraform has no valid credentials.",
    "terraform-destroy": "Terraform or its provider refused to destroy.",
    "terraform-init": "Terraform could not connect the root to its state.",
    "terraform-locked": "Another command holds Terraform's own lock of this state.",
    "terraform-missing": "Neither Terraform nor OpenTofu is installed.",
    "terraform-old": "Write-only values need Terraform or OpenTofu 1.11.",
    "terraform-output": "The outputs of a root could not be read.",
    "terraform-plan": "Terraform could not plan.",
    "terraform-provider-gone": "The AWS provider ended while Terraform worked with it.",
    "terraform-state": "Terraform's state could not be changed.",
    "usage-assume": "An estimate rests on assumptions that have names and numbers.",
    "usage-database": "Only databases of the app file can be backed up and restored.",
    "usage-environment": "The app file has no such environment.",
    "usage-fault": "Failures on demand have names.",
    "usage-file": "A file that was named cannot be read.",
    "usage-folder": "A report is written into a folder that exists.",
    "usage-moment": "A database can go back to a time that was, not to one that will be.",
    "usage-practice": "What `practice` prints belongs together, and holds for an account on this "
    "machine only.",
    "usage-program": "Seatrial runs other programs: Terraform, container engines, Git.",
    "usage-provider": "The provider whose waits are divided is for accounts on this machine only.",
    "usage-remove": "A database or bucket leaves in two steps: out of the app file, then by name.",
    "usage-secret": "Only secrets of the app file have values, and a value is not empty.",
    "usage-service": "A command acts on services that serve.",
    "usage-step": "The steps of a trial have names.",
    "usage-system": "The operating system refused to read, write or start something.",
    "usage-time": "Times carry their unit.",
    "verify-connections": "Old and new tasks are connected at the same time while a release "
    "rolls: pools times tasks times two must fit.",
    "verify-credentials": "Credentials that end in the middle of an apply leave it half done.",
    "verify-engine": "A version past its standard support costs Extended Support, by vCPU and "
    "hour.",
    "verify-image": "A task whose image is not there, or is for another CPU, does not start.",
    "verify-quota": "AWS limits what an account has of each kind, by region.",
    "verify-secret-deleted": "A secret that is being deleted keeps its name until its recovery "
    "window is over.",
    "verify-secret-keys": "A task that asks for a key which its secret does not have does not "
    "start.",
    "verify-secret-missing": "A task whose secret has no value does not start.",
    "verify-unchecked": "What could not be looked at is told, and is no success.",
}
