"""A guardrail: what users may not ask, and what no answer may say, judged by Amazon Bedrock."""

from __future__ import annotations

import re
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

# Regions without AWS::Bedrock::Guardrail (cfn-lint's schemas of 2026-10-20).
NOT_OFFERED = frozenset(
    {"af-south-1", "ap-east-1", "ap-southeast-6", "ca-west-1", "mx-central-1"}
    | {"cn-north-1", "cn-northwest-1"}
)
Category = Literal["hate", "insults", "sexual", "violence", "misconduct", "prompt-attack"]
Strength = Literal["none", "low", "medium", "high"]
Action = Literal["block", "anonymize"]
# The kinds of personal data that Bedrock knows (API reference, GuardrailPiiEntityConfig).
Entity = Literal[
    "address", "age", "aws-access-key", "aws-secret-key", "ca-health-number",
    "ca-social-insurance-number", "credit-debit-card-cvv", "credit-debit-card-expiry",
    "credit-debit-card-number", "driver-id", "email", "international-bank-account-number",
    "ip-address", "license-plate", "mac-address", "name", "password", "phone", "pin", "swift-code",
    "uk-national-health-service-number", "uk-national-insurance-number",
    "uk-unique-taxpayer-reference-number", "url", "username", "us-bank-account-number",
    "us-bank-routing-number", "us-individual-tax-identification-number", "us-passport-number",
    "us-social-security-number", "vehicle-identification-number",
]  # fmt: skip
Message = Annotated[str, Field(min_length=1, max_length=500)]
_LOOKS = re.compile(r"\(\?(=|!|<=|<!)")


class Filter(Noun):
    """How strict a content filter is; each strength blocks what the weaker ones block."""

    input: Strength = Field(description="For what users say.", examples=["high"])
    output: Strength | None = Field(
        None, description="For answers; as strict as for users where not set.", examples=["low"]
    )

    @classmethod
    def long_form(cls, raw: Any) -> Any:
        """Accept one strength."""
        return {"input": raw} if isinstance(raw, str) else raw


class Pattern(Noun):
    """A regular expression for data that must not pass."""

    pattern: Annotated[str, Field(min_length=1, max_length=500)] = Field(
        description="A regular expression without look-around.", examples=["'[0-9]{3}-[0-9]{4}'"]
    )
    action: Action = Field(
        "block", description="Block the text, or hide the match.", examples=["anonymize"]
    )

    @classmethod
    def long_form(cls, raw: Any) -> Any:
        """Accept a bare expression: it blocks."""
        return {"pattern": raw} if isinstance(raw, str) else raw


class DeniedTopic(Noun):
    """Something that is not talked about."""

    definition: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        description="What the topic is, in a sentence.", examples=["Advice on buying shares."]
    )
    examples: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=100)], ...], Field(max_length=5)
    ] = Field((), description="Sentences on the topic.", examples=["[Should I buy gold?]"])

    @classmethod
    def long_form(cls, raw: Any) -> Any:
        """Accept a bare definition."""
        return {"definition": raw} if isinstance(raw, str) else raw


class Messages(Noun):
    """What is answered instead of a blocked text."""

    input: Message = Field(
        "Sorry, this question cannot be answered.",
        description="Instead of asking the model.",
        examples=["Please ask something else."],
    )
    output: Message = Field(
        "Sorry, the answer cannot be shown.",
        description="Instead of the model's answer.",
        examples=["That I cannot say."],
    )


PatternName = Annotated[str, Field(pattern=r"^[a-zA-Z0-9_ -]+$", max_length=100)]
TopicName = Annotated[str, Field(pattern=r"^[0-9a-zA-Z_ !?.-]+$", max_length=100)]
Word = Annotated[str, Field(min_length=1, max_length=100)]


class Guardrail(Noun):
    """A guardrail on Amazon Bedrock; its users apply it to texts and to calls of models."""

    filters: dict[Category, Filter] = Field(
        {}, description="Kinds of harmful content.", examples=["{hate: medium}"]
    )
    words: Annotated[tuple[Word, ...], Field(max_length=10_000)] = Field(
        (), description="Words and phrases that block a text.", examples=["[project x]"]
    )
    profanity: bool = Field(False, description="Block swear words.", examples=["true"])
    pii: dict[Entity, Action] = Field(
        {}, description="Personal data to block or hide.", examples=["{email: anonymize}"]
    )
    patterns: Annotated[dict[PatternName, Pattern], Field(max_length=30)] = Field(
        {},
        description="Regular expressions for more of it.",
        examples=["{ssn: '[0-9]{3}-[0-9]{2}-[0-9]{4}'}"],
    )
    denied: Annotated[dict[TopicName, DeniedTopic], Field(max_length=30)] = Field(
        {},
        description="Topics that are not talked about.",
        examples=["{Investment advice: Advice on buying or selling shares.}"],
    )
    messages: Messages = Field(
        Messages(), description="What is answered instead.", examples=["{input: Ask me of shoes.}"]
    )


def _variables(_: App, use: Use) -> Iterator[Variable]:
    yield Variable(contract.variable(use.name, "GUARDRAIL"), "id")
    yield Variable(contract.variable(use.name, "GUARDRAIL_VERSION"), "version")


def _check(app: App) -> Iterator[Finding]:
    """Yield what Bedrock would refuse of a guardrail."""
    if app.guardrails and app.region in NOT_OFFERED:
        text = f"Amazon Bedrock has no guardrails in {app.region}"
        fix = "Deploy to a region that has them, such as us-east-1 or eu-west-1."
        yield Finding("appfile-choice", ("guardrails",), text, fix, (("guardrails",), ("region",)))
    for name, guardrail in app.guardrails.items():
        policies = ("filters", "words", "profanity", "pii", "patterns", "denied")
        if not any(getattr(guardrail, key) for key in policies):
            fix = f"Give it one of {', '.join(f'`{key}`' for key in policies)}."
            yield Finding("appfile-choice", ("guardrails", name), "it guards nothing", fix)
        yield from _prompt_attack(name, guardrail)
        yield from _patterns(name, guardrail)


def _prompt_attack(name: str, guardrail: Guardrail) -> Iterator[Finding]:
    attack = guardrail.filters.get("prompt-attack")
    if attack and attack.output not in (None, "none"):
        path = ("guardrails", name, "filters", "prompt-attack", "output")
        text = "Bedrock looks for prompt attacks in what users say alone"
        yield Finding("appfile-choice", path, text, "Remove `output`.")


def _patterns(name: str, guardrail: Guardrail) -> Iterator[Finding]:
    for key, row in guardrail.patterns.items():
        path = ("guardrails", name, "patterns", key)
        if _LOOKS.search(row.pattern):
            text = "Bedrock takes no look-around in a regular expression"
            yield Finding("appfile-choice", path, text, "Write it without `(?=`, `(?!`, `(?<`.")
        elif error := _error(row.pattern):
            text = f"it is no regular expression: {error}"
            yield Finding("appfile-choice", path, text, "Correct it; quote it in YAML with '.")


def _error(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        return str(error)
    return ""


KIND = Kind(
    section="guardrails",
    attributes=("id", "arn", "version"),
    accesses=("",),
    variables=_variables,
    check=_check,
)
