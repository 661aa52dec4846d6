"""Terraform as typed calls over one root's work directory; nothing lost on failure."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seatrial.engine import plan as plans
from seatrial.engine import process, provider, quick_provider, schema
from seatrial.errors import CredentialsError, LockedError, Problem, UserError
from seatrial.events import Emit, Note, ResourceChanged, ResourcesPlanned, ResourceStarted

_VERBS = {
    "create": "created",
    "update": "changed",
    "delete": "destroyed",
    "replace": "replaced",
    "read": "",
}


UNSAVED = "errored.tfstate"  # where Terraform puts a state that it cannot save
_ENDED = (
    "No valid credential",
    "ExpiredToken",
    "RequestExpired",
    "failed to refresh cached cred",
    "process provider error",  # of the profile that leads to our own credentials
)
_LOG_IN = "Log in to AWS again, then run the command again; it resumes where it stopped."
# What AWS refuses to new accounts alone, and what to do (AWS Billing user guide, "Choosing an AWS
# Free Tier plan"; CloudFront developer guide, "Quotas"; docs/deploy.md, "A new account").
NEW_ACCOUNT = {
    "FreeTierRestriction": "The account is on AWS's Free plan, which allows databases of class "
    "micro and one day of backups: upgrade it to the Paid plan, or write `class: db.t4g.micro, "
    "backups: 1 day`.",
    "account must be verified": "AWS checks new accounts before they get CloudFront: open a case "
    "with AWS Support (Account and billing), or use `edge: balancer` until then.",
}
LOG = "terraform.log"  # what Terraform printed last, beside its document


@dataclass(frozen=True)
class Diagnostic:
    """An error or warning that Terraform or its provider printed."""

    summary: str
    detail: str
    address: str = ""


@dataclass
class Terraform:
    """One root: ``folder`` keeps its document and must outlive the command."""

    folder: Path
    variables: Mapping[str, str]
    emit: Emit
    reattach: str | None = None
    errors: list[Diagnostic] = field(default_factory=list)
    backend: Mapping[str, str] = field(default_factory=dict)
    running: subprocess.Popen[bytes] | None = None
    changed: set[str] = field(default_factory=set)  # addresses that the last apply changed
    finished: bool = True  # the last apply ended by itself, and its state knows what it made
    nouns: Mapping[str, str] = field(default_factory=dict)  # of the app file, by address

    def __post_init__(self) -> None:
        self.folder = self.folder.absolute()  # Terraform runs inside it

    def write(self, files: Mapping[str, str], values: Mapping[str, Any]) -> None:
        """Put the root's files and its variables into the work directory, and no others."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for old in (*self.folder.glob("*.tf"), *self.folder.glob("*.tf.json")):
            if old.name not in files:
                old.unlink()
        for name, text in files.items():
            schema.write_whole(self.folder / name, text.encode())
        (self.folder / "seatrial.auto.tfvars.json").write_text(
            json.dumps(values, indent=2, sort_keys=True), encoding="utf-8"
        )

    def init(self, backend: Mapping[str, str]) -> None:
        """Connect the root to its state."""
        self.backend = backend
        words = ["init", "-reconfigure", "-no-color"]
        words += [f"-backend-config={key}={value}" for key, value in backend.items()]
        self._plain(words, "terraform-init", "`terraform init` failed")

    def apply(
        self, *, targets: tuple[str, ...] = (), values: Mapping[str, str] | None = None
    ) -> None:
        """Apply the root's document; raises UserError with Terraform's own words."""
        self._stream(["apply", "-auto-approve", *self._options(targets, values)], "apply")

    def destroy(self, *, values: Mapping[str, str] | None = None) -> None:
        """Destroy everything in the root's state, as it stands there: what is gone is gone."""
        self._stream(["destroy", "-auto-approve", *self._options((), values)], "destroy")

    def interrupt(self) -> None:
        """Ask a Terraform that runs in another thread to finish what it does and save its state."""
        if self.running and self.running.poll() is None:
            self.running.send_signal(signal.SIGINT)

    def forget(self, address: str) -> None:
        """Take one resource out of the state; it goes on existing."""
        words = ["state", "rm", "-lock-timeout=60s", address]
        self._plain(words, "terraform-state", f"could not remove {address} from the state")

    def plan(self) -> plans.Plan:
        """Return what an apply would change; it is never applied, so that it takes no lock.

        Who may only read can plan, and a plan does not stop a deploy.
        """
        file = self.folder / "plan.bin"
        self._stream(["plan", "-lock=false", f"-out={file.name}", *self._options((), None)], "plan")
        words = ["show", "-json", file.name]
        shown = self._json(words, "terraform-plan", "could not read the plan")
        file.unlink(missing_ok=True)
        return plans.parse(shown)

    def outputs(self) -> dict[str, Any]:
        """Return the root's outputs as plain values."""
        shown = self._json(["output", "-json"], "terraform-output", "could not read the outputs")
        return {name: row["value"] for name, row in shown.items()}

    def _options(self, targets: tuple[str, ...], values: Mapping[str, str] | None) -> list[str]:
        words = ["-json", "-input=false", "-lock-timeout=60s"]
        words += [f"-target={target}" for target in targets]
        return words + [f"-var={key}={value}" for key, value in (values or {}).items()]

    def _environment(self) -> dict[str, str]:
        found = provider.environment(self.folder, self.variables)
        if self.reattach:
            found["TF_REATTACH_PROVIDERS"] = self.reattach
        return found

    def _plain(self, words: list[str], code: str, message: str) -> str:
        done = process.run(
            [provider.terraform().path, *words],
            folder=self.folder,
            environment=self._environment(),
            together=True,
        )
        if done.returncode:
            killed = f"it was killed (signal {-done.returncode})" if done.returncode < 0 else ""
            said = (done.stderr or done.stdout).strip() or killed
            raise _failed(code, f"{message}:\n{_indent(said)}", self.folder)
        return done.stdout

    def _json(self, words: list[str], code: str, message: str) -> dict[str, Any]:
        text = self._plain(words, code, message)
        try:
            found = json.loads(text)
        except ValueError as error:
            raise UserError.of(
                code,
                f"{message}: not JSON ({error})",
                "Is `terraform` on PATH Terraform 1.11 or OpenTofu 1.11, or newer?",
            ) from error
        return found if isinstance(found, dict) else {}

    def _stream(self, words: list[str], verb: str) -> None:
        self.errors, self.changed = [], set()
        self.finished = verb == "plan"
        if self.reattach and not quick_provider.alive(self.reattach):
            self.reattach = None  # it died: the stock provider takes over, which init must choose
            self.init(self.backend)
        self._recover()
        started = time.monotonic()
        program, log = provider.terraform().path, self.folder / LOG
        self.running = running = process.start(
            [program, *words], self.folder, self._environment(), log
        )
        for line in process.lines(running, log, self._warn_interrupted):
            self._take(line)
        self.running = None
        self.finished = running.returncode >= 0
        if running.returncode:
            failure = self._failure(verb, time.monotonic() - started)
            self.finished &= failure.problems[0].code != "terraform-provider-gone"
            raise failure

    def _recover(self) -> None:
        """Push a state that an apply could not save: to apply first would fork it."""
        file = self.folder / UNSAVED
        if file.exists():
            words = ["state", "push", file.name]
            self._plain(words, "terraform-state", f"could not save the state in {file}")
            file.unlink()
            self.emit(Note("saved the state that the last apply could not save"))

    def _warn_interrupted(self) -> None:
        text = (
            "stopping after this apply; interrupt again to make Terraform stop now, a third time "
            "to kill it (what AWS is creating then may be in no state)"
        )
        self.emit(Note(text, warning=True))

    def _take(self, line: str) -> None:
        try:
            event = json.loads(line)
        except ValueError:
            event = None
        if not isinstance(event, dict):  # Terraform panicked, or was refused before it began
            if line.strip():
                self.errors.append(Diagnostic(line.strip(), ""))
            return
        match event.get("type"):
            case "change_summary" if event["changes"].get("operation") == "plan":
                counted = [event["changes"].get(kind, 0) for kind in ("add", "change", "remove")]
                self.emit(ResourcesPlanned(sum(counted)))
            case "apply_start":
                address = event["hook"]["resource"]["addr"]
                if _VERBS.get(event["hook"]["action"], "other"):
                    self.emit(ResourceStarted(address, self.nouns.get(address, address)))
            case "apply_complete":
                hook = event["hook"]
                if action := _VERBS.get(hook["action"], hook["action"]):
                    self.changed.add(hook["resource"]["addr"])
                    seconds = float(hook.get("elapsed_seconds", 0))
                    self.emit(ResourceChanged(hook["resource"]["addr"], action, seconds))
            case "diagnostic" if event["diagnostic"]["severity"] == "error":
                found = event["diagnostic"]
                self.errors.append(
                    Diagnostic(found["summary"], found.get("detail", ""), found.get("address", ""))
                )

    def _failure(self, verb: str, seconds: float) -> UserError:
        problems = [_problem(found, verb, self.folder) for found in self.errors]
        problems = _gone(problems, self.folder)
        if not problems:
            problems = [
                Problem(
                    f"terraform-{verb}",
                    f"Terraform exited after {seconds:.0f} s without an error message",
                    f"Its output is in {self.folder / LOG}.",
                )
            ]
        kinds: dict[str, type[UserError]] = {
            "terraform-locked": LockedError,
            "terraform-credentials": CredentialsError,
        }
        kind = next((kinds[p.code] for p in problems if p.code in kinds), UserError)
        return kind(*problems)


def _failed(code: str, text: str, folder: Path) -> UserError:
    """Return why a command of Terraform failed that prints no events."""
    if any(word in text for word in _ENDED):
        return CredentialsError(Problem("terraform-credentials", text, _LOG_IN))
    return UserError.of(
        code, text, f"Fix the cause that Terraform reports; the root is in {folder}."
    )


GONE = ("Plugin did not respond", "Reattachment process not found")


def _gone(problems: list[Problem], folder: Path) -> list[Problem]:
    """Say once that the provider ended; Terraform says it for every resource in progress.

    Which words it has for that depends on whether it was asking the provider just then.
    """
    if not any(words in p.message for p in problems for words in GONE):
        return problems
    return [
        Problem(
            "terraform-provider-gone",
            "the AWS provider exited while Terraform was using it",
            "Run the command again: it resumes where this one stopped. The provider's last output "
            f"is in {folder.parent / quick_provider.LAST_WORDS}.",
        )
    ]


def _problem(found: Diagnostic, verb: str, folder: Path) -> Problem:
    text = found.summary + (f"\n{_indent(found.detail)}" if found.detail else "")
    if "acquiring the state lock" in found.summary and "Lock Info" in found.detail:
        return Problem(
            "terraform-locked",
            text,
            "Wait for the holder shown above. If that run is dead, release the lock by its ID: "
            "`seatrial unlock ENV ID`.",
            found.address,
        )
    if any(word in f"{found.summary} {found.detail}" for word in _ENDED):
        return Problem("terraform-credentials", text, _LOG_IN, found.address)
    if fix := next((fix for words, fix in NEW_ACCOUNT.items() if words in text), ""):
        return Problem(f"terraform-{verb}", text, fix, found.address)
    return Problem(
        f"terraform-{verb}",
        text,
        f"Nothing was lost: the state is saved, and the documents are in {folder}. "
        "Fix the cause that Terraform reports, then run the command again.",
        found.address,
    )


def _indent(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.strip().splitlines())
