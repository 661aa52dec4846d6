"""Prices: a dated table by region, each with its source and how sure it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from typing import Any

BASE = "us-east-1"  # the region whose prices stand for a region that has none of its own
HOURS = 730  # a month, as AWS's own calculator counts


@dataclass(frozen=True)
class Price:
    """One unit price in US dollars; ``status`` is how it is known, ``source`` where from."""

    key: str
    amount: float
    unit: str
    status: str
    source: str


@dataclass(frozen=True)
class Prices:
    """The price table as one region sees it."""

    table: Mapping[str, Any]
    region: str

    @cached_property
    def dated(self) -> str:
        """Return the day the table was collected."""
        return str(self.table["collected"])

    def find(self, key: str) -> Price | None:
        """Return a price; the base region's where this one has none, and its status says so."""
        regions = self.table["regions"]
        own = regions.get(self.region, {}).get(key)
        row = own or regions[BASE].get(key)
        if row is None or row["price"] is None:
            return None
        status = row["status"] if own else f"assumed: {BASE}'s"
        sources = row["source"] if isinstance(row["source"], list) else [row["source"]]
        return Price(key, float(row["price"]), row["unit"], status, "+".join(map(str, sources)))


def load(region: str, newer: Mapping[str, Any] | None = None) -> Prices:
    """Return the price table that comes with this version; ``newer`` are prices of the region."""
    text = resources.files(__package__).joinpath("prices.json").read_text(encoding="utf-8")
    table = json.loads(text)
    if newer:
        table["regions"][region] = table["regions"].get(region, {}) | dict(newer)
    return Prices(table, region)
