"""A variable with a secret inside its text: which of a service's are such, and what one may hold.

ECS injects a secret, or one key of it, and nothing around it. So the whole text is put together
when the app is deployed, and kept in a secret of the service's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seatrial.model.reference import Reference, parts, references

if TYPE_CHECKING:
    from seatrial.model.app import App
    from seatrial.model.service import Service


def is_secret(app: App, reference: Reference) -> bool:
    """Return whether a reference is a secret's value."""
    kind = app.kind_of(reference.name)
    return kind is not None and reference.attribute in kind.secret


def texts(app: App, service: Service) -> dict[str, str]:
    """Return the variables of a service that hold a secret beside other text, as written."""
    return {
        key: text
        for key, text in service.env.items()
        if len(parts(text)) > 1 and any(is_secret(app, found) for found in references(text))
    }


def fits(app: App, reference: Reference) -> bool:
    """Return whether an attribute is known when texts are put together."""
    kind = app.kind_of(reference.name)
    if kind is None:
        return reference.name == "app" and reference.attribute in ("name", "env")
    return kind.inside(app, reference.name, reference.attribute) is not None
