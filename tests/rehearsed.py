"""The model registry in a rehearsal, as tests see it."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from bare import ADMIN, PASSWORD
from helpers import Stage
from hub import Hub


@dataclass(frozen=True)
class Rehearsed:
    """A rehearsed registry and the fixtures it asks."""

    stage: Stage
    hub: Hub

    def client(self) -> httpx.Client:
        """Return a client of the default admin, through the balancer."""
        made = httpx.Client(base_url=self.stage.address, timeout=120)
        user = {"name": ADMIN, "is_admin": True}
        answer = made.put("/authenticate", json={"user": user, "secret": {"password": PASSWORD}})
        assert answer.status_code == 200, answer.text
        made.headers["X-Authorization"] = answer.json()
        return made
