"""The states of what is neither a service nor a database, by what Terraform's state lists."""

from __future__ import annotations

from dataclasses import dataclass

from seatrial.cloud import states
from seatrial.cloud.session import Session
from seatrial.ops.release.roots import Roots


@dataclass(frozen=True)
class OtherState:
    """A cache, queue or distribution: ``state`` in AWS's word, ``well`` whether it serves."""

    what: str
    name: str
    state: str
    well: bool

    @property
    def sentence(self) -> str:
        """Return what it is, and its state."""
        return f"{self.what} {self.name}: {self.state}"


def other_states(app: str, session: Session) -> tuple[OtherState, ...]:
    """Return the states of an app's caches, queues and distributions, in order."""
    attributes = Roots(session, app, lambda _: None).attributes()
    found = []
    for (kind, name), values in sorted(attributes.items()):
        if look := states.LOOKS.get(kind):
            state, well = look.read(session, values)
            found.append(OtherState(look.what, name.replace("_", "-"), state, well))
    return tuple(found)
