"""How many tasks of a service run: a range, what moves the number in it, and when it is another."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from seatrial.model.noun import Name, Noun
from seatrial.model.schedule import Schedule, Timezone
from seatrial.model.units import Duration, Percent


class Goal(Noun):
    """The load at which another task is started."""

    cpu: Percent | None = Field(None, description="Average CPU use.", examples=["70%"])
    memory: Percent | None = Field(None, description="Average memory use.", examples=["80%"])


class Cooldown(Noun):
    """How long a service rests after its number of tasks was changed."""

    out: Annotated[Duration, Field(ge=0, le=86_400)] = Field(
        60, description="After tasks were added, before more are.", examples=["60 s"]
    )
    in_: Annotated[Duration, Field(ge=0, le=86_400)] = Field(
        300,
        alias="in",
        description="After tasks were added or removed, before some are removed.",
        examples=["5 min"],
    )

    @classmethod
    def long_form(cls, raw: Any) -> Any:
        """Accept one duration for both."""
        return {"out": raw, "in": raw} if isinstance(raw, str) else raw


class Hours(Noun):
    """From a moment that comes again and again, another number of tasks."""

    at: Schedule = Field(
        description="When: five-field cron, or AWS's `cron(...)` or `rate(...)`.",
        examples=["0 20 * * 1-5"],
    )
    min: Annotated[int, Field(ge=0, le=1000)] = Field(
        description="Minimum number of tasks from then on.", examples=["0"]
    )
    max: Annotated[int, Field(ge=0, le=1000)] | None = Field(
        None, description="Maximum number of tasks from then on; default: `min`.", examples=["4"]
    )
    timezone: Timezone = Field(
        "UTC", description="Time zone of the schedule.", examples=["Europe/Paris"]
    )

    @property
    def most(self) -> int:
        """Return the upper end of the range."""
        return self.min if self.max is None else self.max


class Count(Noun):
    """How many tasks of a service run."""

    min: Annotated[int, Field(ge=0, le=1000)] = Field(
        1, description="Minimum number of tasks.", examples=["2"]
    )
    max: Annotated[int, Field(ge=0, le=1000)] | None = Field(
        None, description="Maximum number of tasks; default: `min`.", examples=["4"]
    )
    target: Goal = Field(
        Goal(), description="When to add or remove tasks.", examples=["{cpu: 70%}"]
    )

    cooldown: Cooldown = Field(
        Cooldown(), description="Pauses between changes by a target.", examples=["{in: 10 min}"]
    )
    schedule: dict[Name, Hours] = Field(
        {},
        description="Other numbers of tasks from moments on: nights, weekends. A deploy sets the "
        "range of `min` and `max` again, until the next of these moments.",
        examples=["{nights: {at: 0 20 * * 1-5, min: 0}, days: {at: 0 7 * * 1-5, min: 2, max: 4}}"],
    )
    single: bool = Field(
        False,
        description="A release stops the old task before it starts the new one (Celery beat). ECS "
        "does not count a task that is ending: for as long as `stop` it may overlap with the new "
        "one. `count: one`.",
        examples=["true"],
    )

    @classmethod
    def long_form(cls, raw: Any) -> Any:
        """Accept a bare number, that many always, and ``one``, stopped before it is replaced."""
        if raw == "one":
            return {"min": "1", "max": "1", "single": "true"}
        return {"min": raw, "max": raw} if isinstance(raw, str) else raw

    @property
    def most(self) -> int:
        """Return the upper end of the range."""
        return self.min if self.max is None else self.max

    @property
    def always(self) -> bool:
        """Return whether at least one task runs at every hour."""
        return min([self.min, *(hours.min for hours in self.schedule.values())]) > 0
