"""A table: items found by their key, paid by the request, with no server to size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from seatrial.model.finding import Finding
from seatrial.model.kind import Kind, Variable
from seatrial.model.noun import Noun
from seatrial_runtime import contract

if TYPE_CHECKING:
    from seatrial.model.app import App
    from seatrial.model.service import Use

Attribute = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]*$", max_length=255)]
IndexName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{3,255}$")]


class Key(Noun):
    """An attribute that every item has, and its type."""

    name: Attribute = Field(description="The attribute's name.", examples=["id"])
    type: Literal["string", "number", "binary"] = Field(
        "string", description="The attribute's type.", examples=["number"]
    )

    @classmethod
    def long_form(cls, raw: Any) -> Any:
        """Accept ``id`` and ``id: number``."""
        if isinstance(raw, str):
            return {"name": raw}
        if isinstance(raw, dict) and len(raw) == 1 and not {"name", "type"} & raw.keys():
            name, kind = next(iter(raw.items()))
            return {"name": name, "type": kind}
        return raw


class Index(Noun):
    """Another key by which items are found; it holds whole items."""

    key: Key = Field(description="The partition key.", examples=["email"])
    sort: Key | None = Field(
        None, description="The sort key, within a partition.", examples=["{at: number}"]
    )

    @classmethod
    def long_form(cls, raw: Any) -> Any:
        """Accept a bare key."""
        return {"key": raw} if isinstance(raw, str) else raw


class Table(Noun):
    """A table on DynamoDB, on demand, encrypted."""

    key: Key = Field(description="The partition key.", examples=["id"])
    sort: Key | None = Field(
        None, description="The sort key, within a partition.", examples=["{at: number}"]
    )
    indexes: dict[IndexName, Index] = Field(
        {},
        description="Other keys by which items are found.",
        examples=["{by-email: email}"],
    )
    ttl: Attribute | None = Field(
        None,
        description="The attribute with the time, in seconds since 1970, after which DynamoDB "
        "deletes an item; within days, not at once.",
        examples=["expires"],
    )
    recovery: bool = Field(
        True,
        description="Point-in-time recovery: every second of the last 35 days can be restored.",
        examples=["false"],
    )

    @classmethod
    def long_form(cls, raw: Any) -> Any:
        """Accept a bare partition key."""
        return {"key": raw} if isinstance(raw, str) else raw

    @property
    def keys(self) -> tuple[Key, ...]:
        """Return every key of the table and its indexes."""
        pairs = [(self.key, self.sort), *((i.key, i.sort) for i in self.indexes.values())]
        return tuple(key for pair in pairs for key in pair if key)


def _variables(_: App, use: Use) -> Iterator[Variable]:
    yield Variable(contract.variable(use.name, "TABLE"), "name")


def _check(app: App) -> Iterator[Finding]:
    """Yield attributes that one key gives one type and another key another."""
    for name, table in app.tables.items():
        types: dict[str, str] = {}
        for key in table.keys:
            if types.setdefault(key.name, key.type) != key.type:
                text = f"`{key.name}` is {types[key.name]} in one key and {key.type} in another"
                fix = "Give the attribute one type."
                yield Finding("appfile-choice", ("tables", name), text, fix)
        for pair in ((table.key, table.sort), *((i.key, i.sort) for i in table.indexes.values())):
            if pair[1] and pair[0].name == pair[1].name:
                text = f"`{pair[0].name}` is both partition and sort key"
                fix = "Name another attribute, or leave `sort` out."
                yield Finding("appfile-choice", ("tables", name), text, fix)


KIND = Kind(
    section="tables",
    attributes=("name", "arn"),
    accesses=("", "read", "write", "full"),
    variables=_variables,
    check=_check,
)
