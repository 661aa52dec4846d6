"""What is asked of a language model and what it answers, in no vendor's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

StopReason = Literal["end_turn", "tool_use", "max_tokens", "stop_sequence", "guardrail_intervened"]


@dataclass(frozen=True)
class ToolCall:
    """A call of a tool that the model wants made."""

    id: str
    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class ToolResult:
    """What a tool answered."""

    id: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Message:
    """One turn: its text, and the calls or results of tools in it."""

    role: Literal["user", "assistant"]
    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    results: tuple[ToolResult, ...] = ()


@dataclass(frozen=True)
class Tool:
    """A tool that the model may call; ``schema`` is a JSON schema of its arguments."""

    name: str
    description: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Question:
    """A whole request. ``choice`` is "auto", "any" (some tool must be called) or a tool's name."""

    model: str
    messages: tuple[Message, ...]
    system: str = ""
    tools: tuple[Tool, ...] = ()
    choice: str = "auto"
    most_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop: tuple[str, ...] = ()

    @property
    def last_text(self) -> str:
        """Return the text of the last turn, or of its tools' results."""
        last = self.messages[-1]
        return last.text or "\n".join(result.text for result in last.results)


@dataclass(frozen=True)
class End:
    """Why the answer ended, and what it took; counts are tokens."""

    reason: StopReason
    input_tokens: int
    output_tokens: int


Part = str | ToolCall | End  # some text, a whole call of a tool, the end


class Model(Protocol):
    """What stands behind Bedrock here; ``embeds`` where its vectors know what texts mean."""

    embeds: bool

    def answer(self, question: Question) -> Iterator[Part]:
        """Yield the answer as it comes, its end last; raises InferenceError."""

    def embed(self, texts: list[str], size: int | None) -> list[list[float]]:
        """Return a vector for each text; raises InferenceError."""


@dataclass
class InferenceError(Exception):
    """A failure of Bedrock's own kinds: the exception's name in its API, and the message."""

    kind: str
    message: str = field(default="")

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}"


def tokens(text: str) -> int:
    """Return about how many tokens a text has, where nothing counted them: four characters each."""
    return max(1, (len(text) + 3) // 4) if text else 0
