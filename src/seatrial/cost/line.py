"""One line of an estimate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from seatrial.cost.prices import Price


@dataclass(frozen=True)
class Line:
    """A quantity of something at a price; ``most`` is the month where it has grown."""

    noun: str
    item: str
    quantity: float
    unit: str
    price: float
    monthly: float
    most: float
    source: str
    status: str

    def as_json(self) -> dict[str, Any]:
        """Return the documented JSON shape."""
        return dict(self.__dict__)


def line(
    noun: str, item: str, quantity: float, price: Price | None, *, most: float | None = None
) -> Line:
    """Return a line in whole cents; a price that nobody knows is a line that says so."""
    if price is None:
        return Line(
            noun,
            item,
            quantity=quantity,
            unit="",
            price=0.0,
            monthly=0.0,
            most=0.0,
            source="",
            status="no price known",
        )
    high = quantity if most is None else most
    return Line(
        noun,
        item,
        quantity=quantity,
        unit=price.unit,
        price=price.amount,
        monthly=round(quantity * price.amount + 1e-9, 2),
        most=round(high * price.amount + 1e-9, 2),
        source=price.source,
        status=price.status,
    )
