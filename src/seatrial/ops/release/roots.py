"""The two Terraform roots of a target: work directories, state, and skipping what is unchanged."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, get_args

from seatrial.cloud import storage
from seatrial.cloud.session import Session
from seatrial.engine import schema
from seatrial.engine.terraform import Terraform
from seatrial.errors import UserError
from seatrial.events import Emit, Note
from seatrial.ops.release import adoption
from seatrial.resources.graph import Graph, Root
from seatrial.terraform import document

RETRIES = "25"  # of the state's calls, as of the provider's: five are too few where AWS throttles


@dataclass
class Roots:
    """Both roots of one app and environment."""

    session: Session
    app: str
    emit: Emit
    reattach: Callable[[], str | None] = lambda: None
    made: dict[Root, Terraform] = field(default_factory=dict)
    graph: Graph | None = None  # what is wanted, for who follows the work and for adoption

    def state_key(self, root: Root) -> str:
        """Return where a root's state lies in the state bucket."""
        return f"{self.app}/{self.session.target.environment}/{root}.tfstate"

    def terraform(self, root: Root, body: dict[str, Any], values: Mapping[str, Any]) -> Terraform:
        """Return a root with its document and variables in place, connected to its state."""
        if root not in self.made:
            self.connect(root, body)
        found = self.made[root]
        found.write(document.files(body), values)
        self._tell_types()
        if self.graph:
            found.nouns = {".".join(r.address): r.noun for r in self.graph.resources}
        return found

    def connect(self, root: Root, body: dict[str, Any]) -> None:
        """Connect a root to its state, if that was not done yet; it takes a second."""
        if root in self.made:
            return
        target = self.session.target
        found = Terraform(target.folder / root, target.variables, self.emit, self.reattach())
        found.write(document.files(body), {})
        found.init(
            {
                "bucket": target.state_bucket,
                "key": self.state_key(root),
                "region": target.region,
                "use_lockfile": "true",
                "encrypt": "true",
                "max_retries": RETRIES,
            }
        )
        self.made[root] = found

    def _tell_types(self) -> None:
        """Write down the types of both states: the provider's schema is cut to what is named."""
        roots: tuple[Root, ...] = ("foundation", "release")
        types = {address.partition(".")[0] for root in roots for address in self.held(root)}
        file = self.session.target.folder / schema.HELD
        schema.write_whole(file, json.dumps(sorted(types)).encode())

    def apply(
        self,
        root: Root,
        body: dict[str, Any],
        values: Mapping[str, Any],
        *,
        targets: tuple[str, ...] = (),
    ) -> set[str]:
        """Apply a root; returns the addresses of the resources that it created, changed or deleted.

        A target that lets us skip an apply of the same document and variables returns none.
        """
        fingerprint = _fingerprint(body, values)
        if not targets and self.unchanged(root, body, values):
            return set()
        self._restore(root)
        imports = self._lost(root, body)
        self.connect(root, body)
        with self._marked(root):
            if not imports or not self._taken_over(root, body | imports, values, targets):
                self.terraform(root, body, values).apply(targets=targets)
        if not targets:
            self._remember(root, fingerprint)
        return self.made[root].changed

    def adopt(self, root: Root, body: dict[str, Any], address: str, identifier: str) -> None:
        """Let a root's state forget one resource and take another that exists in its place."""
        found = self.terraform(root, body, {})
        found.forget(address)
        imports = {"import": [{"to": address, "id": identifier}]}
        self.terraform(root, {**body, **imports}, {}).apply()
        self._remember(root, _fingerprint(body, {}))

    def destroy(self, root: Root, body: dict[str, Any], values: Mapping[str, Any]) -> None:
        """Destroy everything in a root's state."""
        self.connect(root, body)
        if self.cut_off(root) and (imports := self._lost(root, body)):
            targets = tuple(row["to"] for row in imports["import"])
            with self._marked(root):
                self._taken_over(root, body | imports, values, targets)
        with self._marked(root):
            self.terraform(root, body, values).destroy()
        self._marker(root).unlink(missing_ok=True)

    def interrupt(self) -> None:
        """Pass an interruption on to Terraform, wherever it runs."""
        for root in self.made.values():
            root.interrupt()

    def held(self, root: Root) -> list[str]:
        """Return the addresses of everything in a root's state."""
        state = storage.read_json(self.session, self.state_key(root)) or {}
        rows = state.get("resources", [])
        return sorted(f"{r['type']}.{r['name']}" for r in rows if r["mode"] == "managed")

    def attributes(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Return the attributes of everything in both states, by type and name."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for root in get_args(Root):
            state = storage.read_json(self.session, self.state_key(root)) or {}
            for row in state.get("resources", []):
                if row.get("instances"):
                    found[row["type"], row["name"]] = row["instances"][0].get("attributes") or {}
        return found

    def outputs(self) -> dict[str, Any]:
        """Return the foundation's outputs, read from its state."""
        state = storage.read_json(self.session, self.state_key("foundation")) or {}
        return {name: row["value"] for name, row in state.get("outputs", {}).items()}

    def cut_off(self, root: Root) -> bool:
        """Return whether a Terraform was killed here, and may have made what is in no state.

        The sign is set before each apply and taken away when Terraform has ended by itself.
        """
        return storage.read(self.session, self._sign(root)) is not None

    def _sign(self, root: Root) -> str:
        return f"{self.app}/{self.session.target.environment}/{root}.applying"

    @contextmanager
    def _marked(self, root: Root) -> Iterator[None]:
        """Keep the root's sign until a Terraform has ended by itself.

        The root is connected before: a `terraform init` that fails has made nothing.
        """
        running = self.made[root]
        running.finished = False
        storage.write(self.session, self._sign(root), b"{}")
        try:
            yield
        finally:
            if running.finished:
                storage.remove(self.session, self._sign(root))

    def _taken_over(
        self, root: Root, body: dict[str, Any], values: Mapping[str, Any], targets: tuple[str, ...]
    ) -> bool:
        """Apply with imports; False where one was being deleted, and nothing was applied."""
        try:
            self.terraform(root, body, values).apply(targets=targets)
        except UserError as error:
            if any("Cannot import non-existent remote object" in p.message for p in error.problems):
                return False
            raise
        return True

    def _restore(self, root: Root) -> None:
        """Bring back what was deleted under a name that it keeps: it is imported then."""
        if self.graph is None:
            return
        for name in adoption.restore(self.session, self.graph, root, self.held(root)):
            self.emit(Note(f"{name} was scheduled for deletion: restored with its last value"))

    def _lost(self, root: Root, body: dict[str, Any]) -> dict[str, Any]:
        """Return import blocks for what is there and in no state: of everything after a Terraform
        was killed, else of what has a name that outlives it.
        """
        if self.graph is None:
            return {}
        cut = self.cut_off(root)
        kinds: list[Root] = ["foundation", "release"]
        states = [storage.read_json(self.session, self.state_key(kind)) or {} for kind in kinds]
        wanted = (lambda _: True) if cut else adoption.outlives
        rows = adoption.imports(self.session, self.graph, root, states, wanted)
        documented = {f"{t}.{n}" for t, every in body.get("resource", {}).items() for n in every}
        rows = [row for row in rows if row["to"] in documented]
        if rows and cut:
            self.emit(Note(f"{len(rows)} resources of an interrupted run adopted"))
        elif rows:
            self.emit(Note(f"taken over, because it exists: {', '.join(r['to'] for r in rows)}"))
        return {"import": rows} if rows else {}

    def _serial(self, root: Root) -> tuple[str, int]:
        state = storage.read_json(self.session, self.state_key(root)) or {}
        return str(state.get("lineage", "")), int(state.get("serial", -1))

    def unchanged(self, root: Root, body: dict[str, Any], values: Mapping[str, Any]) -> bool:
        """Say whether a root was applied as it is and the target lets us skip it; never on AWS."""
        skips = self.session.target.skip_unchanged
        return skips and self._unchanged(root, _fingerprint(body, values))

    def _marker(self, root: Root) -> Any:
        return self.session.target.folder / root / "applied.json"

    def _unchanged(self, root: Root, fingerprint: str) -> bool:
        marker = self._marker(root)
        if not marker.exists():
            return False
        return bool(json.loads(marker.read_text()) == [fingerprint, *self._serial(root)])

    def _remember(self, root: Root, fingerprint: str) -> None:
        self._marker(root).write_text(json.dumps([fingerprint, *self._serial(root)]))


def _fingerprint(body: dict[str, Any], values: Mapping[str, Any]) -> str:
    text = json.dumps([body, values], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
