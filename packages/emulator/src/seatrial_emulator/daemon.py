"""The daemon: emulator, controller and control socket; everything else is its child.

It runs as long as its standard input stays open: that is the pipe from the command that started
it, so that nothing is left when that command ends, however it ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from seatrial_emulator.api import existing
from seatrial_emulator.api.server import Emulator
from seatrial_emulator.api.service_roles import ServiceRoles
from seatrial_emulator.ecs import egress, failing_checks, missing_rules
from seatrial_emulator.ecs.action_runner import AUTHORIZATION, ActionRunner
from seatrial_emulator.ecs.control_loop import Controller
from seatrial_emulator.ecs.database_metrics import DatabaseMeter
from seatrial_emulator.ecs.egress import PROXY_PORT, EgressRoutes
from seatrial_emulator.ecs.metrics import MetricsCollector
from seatrial_emulator.ecs.observation import Notes
from seatrial_emulator.ecs.task_runner import Runner
from seatrial_emulator.inference.bedrock import Bedrock
from seatrial_emulator.inference.behind import Behind
from seatrial_emulator.network.client import NetworkClient
from seatrial_emulator.process import CONTROL, DESCRIPTION, KEYS, MODEL_KEY, Settings
from seatrial_emulator.sandbox import select
from seatrial_emulator.sandbox.namespaces import Namespaces, available
from seatrial_emulator.servers import certificates, postgres
from seatrial_emulator.servers.base import EngineError
from seatrial_emulator.servers.elasticache import Caches
from seatrial_emulator.servers.rds import Databases

RUNTIME = (
    DESCRIPTION,
    CONTROL,
    KEYS,
    AUTHORIZATION,
    "ca.pem",
    "bundle.pem",
    "server.pem",
    "server.key",
)


class Daemon:
    """One running rehearsal."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.folder = settings, Path(settings.folder)
        self.notes: list[str] = []
        self.emulator = Emulator(settings.account, settings.region, self.folder)
        given = {n: Path(p) for n, p in settings.programs.items()}
        self.emulator.programs = postgres.images(self.folder / "programs") | given
        self.behind = self._answer_bedrock(settings)
        above = self.folder.parent
        private = above if above.name == ".seatrial" else self.folder
        self.sandbox = select.choose(self.folder / "tasks", private)
        self.link = NetworkClient(self.folder, self.on_report, self.note)
        isolated = isinstance(self.sandbox, Namespaces)
        region = settings.region
        authority = certificates.Authority(self.folder)
        tokens = egress.tokens_host(region)
        hosts = (f"*.aaaaaaaaaa.{region}.rds.amazonaws.com", tokens, "localhost")
        certificate, key = authority.issue("server", hosts)
        self.link.send("tls", certificate=str(certificate), key=str(key))
        self.databases = Databases(
            self.emulator,
            self.folder / "databases",
            self.note,
            (certificate, key),
            isolated=available(),
        )
        self.caches = Caches(
            self.emulator, self.folder / "caches", self.note, authority, isolated=available()
        )
        runner = Runner(self.sandbox, self.link, self.ship, self.wake)
        routes = EgressRoutes(settings.endpoint_port, isolated, {}, {})
        self.action_runner = action_runner = ActionRunner(
            emulator=self.emulator,
            runner=runner,
            notes=Notes(),
            images=self.folder / "images",
            routes=routes,
            foreign=_foreign(settings, authority, isolated=isolated),
            pace=settings.pace,
        )
        for fault in settings.faults:
            action_runner.inject(fault)
        self.meters = MetricsCollector(
            self.emulator, runner, settings.pace, self.note, DatabaseMeter(self.databases)
        )
        self.controller = Controller(
            action_runner=action_runner,
            databases=self.databases,
            caches=self.caches,
            link=self.link,
            pace=settings.pace,
            front_port=settings.front_port,
        )
        self.emulator.pages = lambda: list(self.controller.addresses.values())
        self.server = self.emulator.serve(settings.endpoint_port)
        self.ended = threading.Event()

    def _answer_bedrock(self, settings: Settings) -> Behind:
        """Let the emulator's Bedrock answer; return what stands behind it."""
        behind = Behind(
            url=settings.model_url,
            key=os.environ.get(MODEL_KEY, ""),
            name=settings.model_name,
            path=settings.model_script,
        )
        self.emulator.inference = Bedrock(
            account=settings.account,
            region=settings.region,
            caller=self.emulator.caller,
            model=behind,
            roles=ServiceRoles(self.emulator),
        )
        return behind

    def on_report(self, row: dict[str, Any]) -> None:
        """Take what the network process reports: health checks, requests in progress, counts."""
        if "open" in row:
            self.action_runner.notes.open = {
                (host, port): number for host, port, number in row["open"]
            }
        elif "counts" in row:
            self.meters.add(row["group"], row["counts"])
        else:
            self.controller.checked(row["group"], tuple(row["target"]), row)

    def note(self, text: str) -> None:
        """Remember something the user should know; ``describe`` returns it."""
        if text not in self.notes:
            self.notes.append(text)

    def wake(self) -> None:
        """Let the controller look now."""
        self.controller.wake.set()

    def ship(self, group: str, stream: str, lines: list[tuple[int, str]]) -> None:
        """Put output into the log group."""
        with self.emulator.lock:
            logs = self.emulator.backend("logs")
            if group in logs.groups and stream in logs.groups[group].streams:
                events = [{"timestamp": at, "message": text} for at, text in lines]
                logs.put_log_events(group, stream, events)

    def run(self) -> None:
        """Serve until stopped or the starting command has ended."""
        for target, name in (
            (self.server.serve_forever, "emulator"),
            (self.controller.run, "controller"),
            (lambda: self.meters.run(self.controller.stopped), "meters"),
            (self._control, "control"),
            (self._watch_parent, "parent"),
        ):
            threading.Thread(target=target, daemon=True, name=name).start()
        self._announce()
        self.ended.wait()
        self.close()

    def _announce(self) -> None:
        self._keep(KEYS, json.dumps(asdict(self.emulator.keys)))
        self._keep(AUTHORIZATION, self.emulator.registry.authorization(self.emulator.host))
        row = asdict(self.settings) | {
            "pid": os.getpid(),
            "models": self.behind.words,
            "sandbox": self.sandbox.description,
            "not_shown": list(self.sandbox.not_shown),
        }
        part = self.folder / "rehearsal.part"
        part.write_text(json.dumps(row))
        part.replace(self.folder / DESCRIPTION)

    def _keep(self, name: str, text: str) -> None:
        """Write a file that only its owner may read."""
        (self.folder / name).touch(mode=0o600)
        (self.folder / name).write_text(text)

    def _watch_parent(self) -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
        self.ended.set()

    def _control(self) -> None:
        path = self.folder / CONTROL
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
            old = os.umask(0o177)
            server.bind(str(path.relative_to(Path.cwd())))
            os.umask(old)
            server.listen(8)
            while True:
                connection, _ = server.accept()
                with connection, contextlib.suppress(OSError, ValueError):
                    request = json.loads(connection.makefile("rb").readline())
                    connection.sendall(json.dumps(self._answer(request)).encode() + b"\n")

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            return self._handle_message(request)
        except (KeyError, EngineError) as error:
            return {"error": str(error)}

    def _handle_message(self, request: dict[str, Any]) -> dict[str, Any]:
        match request.get("do"):
            case "describe":
                return {
                    "notes": self.notes,
                    "pids": self._pids(),
                    "missing": self._missing(),
                    "fronts": self.controller.addresses,
                    "ended": list(self.action_runner.ends.rows),
                }
            case "traffic":
                return {"rows": self.meters.counted(int(request.get("after", 0)))}
            case "health":
                return {"checks": self._health_checks()}
            case "reload":
                self.controller.reload(str(request["folder"]))
                return {}
            case "keep":
                existing.keep(self.emulator, request["values"])
                return {}
            case "inject":
                return self.action_runner.inject(str(request["fault"]))
            case "clear":
                return self.action_runner.clear()
            case "kill":
                return self._kill(str(request["what"]), float(request.get("seconds", 0)))
            case "fingerprint":
                return self.databases.fingerprint(str(request["instance"]))
            case "damage":
                return self.databases.damage(str(request["instance"]))
            case "stop":
                self.ended.set()
                return {}
            case other:
                return {"error": f"unknown request {other}"}

    def _kill(self, what: str, seconds: float) -> dict[str, Any]:
        """Kill a task of a service, ``/databases``, or AWS's ``/api`` for some seconds.

        No service's name begins with a slash.
        """
        if what == "/api":
            self.emulator.api_failures.start_outage(seconds)
            return {"killed": [what]}
        if what == "/databases":
            return {"killed": self.databases.kill()}
        return self.action_runner.kill(what)

    def _missing(self) -> list[str]:
        with self.emulator.lock:
            return missing_rules.sentences(
                self.emulator, self.action_runner.rules, self.action_runner.placements
            )

    def _health_checks(self) -> list[dict[str, Any]]:
        with self.emulator.lock:
            return failing_checks.rows(self.emulator, self.action_runner.runner)

    def _pids(self) -> dict[str, int]:
        with self.emulator.lock:
            return {
                arn: local.handle.process.pid
                for arn, local in self.controller.action_runner.runner.tasks.items()
                if local.handle
            }

    def close(self) -> None:
        """End every child, then remove what only a running rehearsal needs."""
        self.controller.stopped.set()
        runner = self.controller.action_runner.runner
        handles = [local.handle for local in runner.tasks.values() if local.handle]
        for task in handles:
            task.signal(signal.SIGTERM)
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline and any(
            local.handle and local.phase != "stopped" for local in runner.tasks.values()
        ):
            time.sleep(0.05)
        for task in handles:
            task.end()
        self.databases.stop()
        self.caches.stop()
        self.link.close()
        for name in RUNTIME:
            (self.folder / name).unlink(missing_ok=True)
        for certificate in self.folder.glob("cache-*"):
            certificate.unlink(missing_ok=True)
        for name in ("tasks", "caches"):
            shutil.rmtree(self.folder / name, ignore_errors=True)


def _foreign(
    settings: Settings, authority: certificates.Authority, *, isolated: bool
) -> dict[str, str]:
    found = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{settings.endpoint_port}",
        "PGSSLROOTCERT": str(authority.path),
        "SSL_CERT_FILE": str(authority.bundle),
    }
    if isolated:
        proxy = f"http://127.0.0.1:{PROXY_PORT}"
        found |= {
            "HTTP_PROXY": proxy,
            "HTTPS_PROXY": proxy,
            "http_proxy": proxy,
            "https_proxy": proxy,
            "NO_PROXY": "localhost,127.0.0.1,169.254.170.2,.amazonaws.com",
            "no_proxy": "localhost,127.0.0.1,169.254.170.2,.amazonaws.com",
        }
    return found


def main() -> None:
    """Read the settings from the one argument, a file, and run."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the command; it ends us
    os.umask(0o077)  # rows, objects and logs are its owner's alone
    row = json.loads(Path(sys.argv[1]).read_text())
    settings = Settings(**{**row, "faults": tuple(row["faults"])})
    os.chdir(settings.folder)
    daemon = Daemon(settings)
    signal.signal(signal.SIGTERM, lambda *_: daemon.ended.set())
    daemon.run()
    os._exit(0)  # daemon threads hold nothing that must be finished


if __name__ == "__main__":
    main()
