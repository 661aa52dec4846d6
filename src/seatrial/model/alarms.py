"""Who is notified when something is wrong or expensive: alarms and the budget."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from seatrial.model.noun import Noun
from seatrial.model.units import Percent

Email = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)]
Webhook = Annotated[str, Field(pattern=r"^https://[^\s]+$", max_length=2048)]


def _listed(raw: dict[str, Any], *keys: str) -> dict[str, Any]:
    """Return a map in which a single text stands as a list of one."""
    return {k: [v] if k in keys and isinstance(v, str) else v for k, v in raw.items()}


class Slack(Noun):
    """A channel of a Slack workspace that this AWS account was allowed to speak to."""

    workspace: Annotated[str, Field(pattern=r"^T[A-Z0-9]+$")] = Field(
        description="The workspace's ID; allow it once in the console, Amazon Q Developer in chat "
        "applications.",
        examples=["T07EA123LEP"],
    )
    channel: Annotated[str, Field(pattern=r"^C[A-Z0-9]+$")] = Field(
        description="The channel's ID.", examples=["C07EZ1ABC23"]
    )


class Alarms(Noun):
    """When someone is notified, and who; alarms cover every service, database, cache and queue."""

    email: tuple[Email, ...] = Field(
        (),
        description="E-mail addresses to notify; each must confirm once by a link.",
        examples=["[ops@example.com]"],
    )
    webhook: tuple[Webhook, ...] = Field(
        (),
        description="HTTPS URLs that SNS posts to and that confirm the subscription "
        "automatically (PagerDuty, Opsgenie, Grafana and others do).",
        examples=["[https://events.example.com/sns]"],
    )
    slack: Slack | None = Field(
        None, description="A Slack channel.", examples=["{workspace: T07EA, channel: C07EZ}"]
    )
    cpu: Percent = Field(85, description="CPU of a service or database, 15 min.", examples=["90%"])
    memory: Percent = Field(85, description="Memory of a service, 15 minutes.", examples=["90%"])
    errors: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        10, description="5xx responses of a service in five minutes.", examples=["50"]
    )
    storage: Percent = Field(
        20, description="Free storage of a database; alarms below it.", examples=["10%"]
    )

    @classmethod
    def long_form(cls, raw: Any) -> Any:
        """Accept one address, or a list of them."""
        if isinstance(raw, str | list):
            raw = {"email": raw}
        return _listed(raw, "email", "webhook") if isinstance(raw, dict) else raw


class Budget(Noun):
    """Monthly spending above which someone is notified; nothing is stopped."""

    monthly: Annotated[int, Field(ge=1, le=10_000_000)] = Field(
        description="US dollars a month.", examples=["100"]
    )
    email: tuple[Email, ...] = Field(
        (),
        description="E-mail addresses to notify; default: those of `alarms`.",
        examples=["[boss@example.com]"],
    )
    of: Literal["account", "app"] = Field(
        "account",
        description="What is counted. `app` counts resources with this app's tag; activate "
        "`seatrial:app` as a cost allocation tag in the billing console first.",
        examples=["app"],
    )

    @classmethod
    def long_form(cls, raw: Any) -> Any:
        """Accept a bare number of dollars."""
        raw = {"monthly": raw} if isinstance(raw, str) else raw
        return _listed(raw, "email") if isinstance(raw, dict) else raw
