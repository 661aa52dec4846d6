"""What a finder is: given what Terraform would create, it finds what already exists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from seatrial.cloud.session import Session

Body = Mapping[str, Any]
Tags = Mapping[str, str]
Finder = Callable[[Session, Body, Tags], str | None]


def tags(listed: Iterable[Mapping[str, Any]] | None) -> dict[str, str]:
    """Return AWS's list of tags as a map; some services write `Key`, some `key`."""
    return {
        tag.get("Key", tag.get("key", "")): tag.get("Value", tag.get("value", ""))
        for tag in listed or ()
    }
