"""The model registry in a rehearsal, as tests see it."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from helpers import Rehearsal
from model_sources import ModelSources
from registry_process import ADMIN, PASSWORD


@dataclass(frozen=True)
class RegistryRehearsal:
    """A rehearsed registry and the fixtures it asks."""

    app: Rehearsal
    sources: ModelSources

    def client(self) -> httpx.Client:
        """Return a client of the default admin, through the balancer."""
        made = httpx.Client(base_url=self.app.address, timeout=120)
        user = {"name": ADMIN, "is_admin": True}
        answer = made.put("/authenticate", json={"user": user, "secret": {"password": PASSWORD}})
        assert answer.status_code == 200, answer.text
        made.headers["X-Authorization"] = answer.json()
        return made
