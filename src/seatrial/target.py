"""Where a plan lands: an account and region, reached at AWS or at another endpoint."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


def loopback(url: str) -> bool:
    """Return whether a URL leads to this machine itself, by name or address."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:  # another name, or no URL
        return False


@dataclass(frozen=True)
class Target:
    """A place to deploy to; what it cannot show is a list of sentences, never a kind.

    ``credentials`` and ``endpoint`` are empty where the machine's own AWS configuration is meant.
    ``front`` is the base URL that stands for the app's address where its name does not resolve,
    ``fronts`` has others: ``main`` is the services' where the app's is a site's.
    ``login`` leads Terraform to the credentials that AWS clients find by themselves.
    ``health_checks`` reports each failing health check where more is known than ELB tells.
    ``folder`` keeps work directories of Terraform roots; it must outlive the command.
    """

    environment: str
    account: str
    region: str
    folder: Path
    endpoint: str = ""
    access_key: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)
    pace: float = 1.0
    skip_unchanged: bool = False
    quick_provider: bool = False
    not_shown: tuple[str, ...] = ()
    front: str = ""
    fronts: Mapping[str, str] = field(default_factory=dict)
    login: Mapping[str, str] = field(default_factory=dict)
    health_checks: Callable[[], list[dict[str, Any]]] | None = field(
        default=None, repr=False, compare=False
    )

    @property
    def runs_snapshots(self) -> bool:
        """Return whether builds need not be containers: an emulator of this machine runs them."""
        return bool(self.front)

    @property
    def state_bucket(self) -> str:
        """Return the name of the one state bucket of this account and region."""
        return f"seatrial-{self.account}-{self.region}"

    @property
    def variables(self) -> dict[str, str]:
        """Return the environment that makes AWS clients and Terraform reach this target."""
        found = {"AWS_REGION": self.region, "AWS_DEFAULT_REGION": self.region, **self.login}
        if self.endpoint:
            found["AWS_ENDPOINT_URL"] = self.endpoint
            found["AWS_EC2_METADATA_DISABLED"] = "true"
        if self.access_key:
            found |= {
                "AWS_ACCESS_KEY_ID": self.access_key,
                "AWS_SECRET_ACCESS_KEY": self.secret_key,
            }
        return found
