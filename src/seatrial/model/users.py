"""Users: a Cognito pool where people sign up and in, and tokens that an API can trust."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from seatrial.model.kind import Kind, Variable
from seatrial.model.noun import Noun
from seatrial.model.units import Duration
from seatrial_runtime import contract

if TYPE_CHECKING:
    from seatrial.model.app import App
    from seatrial.model.service import Use

Callback = Annotated[
    str, Field(pattern=r"^(https://\S+|http://localhost(:[0-9]+)?(/\S*)?)$", max_length=1024)
]


class Password(Noun):
    """Password requirements."""

    length: Annotated[int, Field(ge=8, le=99)] = Field(
        12, description="Characters at least.", examples=["16"]
    )
    mixed: bool = Field(
        True,
        description="Require lower-case and upper-case letters, digits and symbols.",
        examples=["false"],
    )


class Users(Noun):
    """A pool of users who sign in with their e-mail address."""

    sign_up: bool = Field(
        True,
        description="Anyone may sign up; otherwise an administrator invites.",
        examples=["false"],
    )
    password: Password = Field(
        Password(), description="Password requirements.", examples=["{length: 16}"]
    )
    mfa: Literal["off", "optional", "required"] = Field(
        "optional", description="Second factor with an authenticator app.", examples=["required"]
    )
    callbacks: tuple[Callback, ...] = Field(
        (),
        description="Allowed redirect URLs after sign-in, in addition to the app's own "
        "`/callback`.",
        examples=["[http://localhost:3000/callback]"],
    )
    session: Annotated[Duration, Field(ge=300, le=86_400)] = Field(
        3600, description="Lifetime of a token.", examples=["15 min"]
    )
    remember: Annotated[Duration, Field(ge=3600, le=315_360_000)] = Field(
        2_592_000, description="How long a user stays signed in.", examples=["7 days"]
    )

    @classmethod
    def long_form(cls, raw: Any) -> Any:
        """Accept ``true``: every default."""
        return {} if raw in ("", "true") else raw


def _variables(_app: App, _use: Use) -> Iterator[Variable]:
    for name in contract.USERS:
        yield Variable(name, name.removeprefix("USERS_").lower())


KIND = Kind(
    section="users",
    single=True,
    attributes=("pool_id", "client_id", "issuer", "sign_in_url"),
    accesses=("", "admin"),
    variables=_variables,
)
