"""The language model behind the chat: Bedrock's Converse, streamed, with tools."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from sheetgpt.errors import RefusedError

TURNS = 8  # of tool calls in one answer
NO_MODEL = "no language model is connected; everything but the chat works without one"
Say = Callable[[str, dict[str, Any]], str]


@dataclass
class Answer:
    """What came of a question, once its text has been read to the end."""

    text: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    calls: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Model:
    """A model on Bedrock; ``tools`` are Converse's toolSpec documents."""

    id: str
    tools: list[dict[str, Any]]

    def answer(
        self, system: str, messages: list[dict[str, Any]], run: Say, into: Answer
    ) -> Iterator[str]:
        """Yield an answer's text as it comes; ``run`` carries tool calls out in between.

        Raises RefusedError: 503 where there is no model or no access to it, 429 where it is busy.
        """
        if not self.id:
            raise RefusedError(503, NO_MODEL)
        for _ in range(TURNS):
            turn = _Turn()
            yield from self._stream(system, messages, turn, into)
            messages.append({"role": "assistant", "content": turn.content()})
            if not turn.calls:
                return
            messages.append(
                {"role": "user", "content": [self._result(call, run, into) for call in turn.calls]}
            )
        yield "\n(I stopped here: this took too many steps.)"

    def _stream(
        self, system: str, messages: list[dict[str, Any]], turn: _Turn, into: Answer
    ) -> Iterator[str]:
        tools = {"tools": [{"toolSpec": tool} for tool in self.tools]}
        try:
            found = _bedrock().converse_stream(
                modelId=self.id, system=[{"text": system}], messages=messages, toolConfig=tools
            )
            for event in found["stream"]:
                text = turn.take(event)
                usage = event.get("metadata", {}).get("usage", {})
                into.tokens_in += usage.get("inputTokens", 0)
                into.tokens_out += usage.get("outputTokens", 0)
                if text:
                    into.text += text
                    yield text
        except (ClientError, BotoCoreError) as error:
            raise _refusal(error) from None

    @staticmethod
    def _result(call: dict[str, Any], run: Say, into: Answer) -> dict[str, Any]:
        into.calls.append(call["name"])
        try:
            text, status = run(call["name"], json.loads(call["input"] or "{}")), "success"
        except (RefusedError, ValueError, TypeError) as error:
            text, status = f"refused: {error}", "error"
        result = {"toolUseId": call["id"], "content": [{"text": text}], "status": status}
        return {"toolResult": result}


@dataclass
class _Turn:
    """What one response of the model adds up to."""

    text: str = ""
    calls: list[dict[str, Any]] = field(default_factory=list)

    def take(self, event: dict[str, Any]) -> str:
        if start := event.get("contentBlockStart", {}).get("start", {}).get("toolUse"):
            self.calls.append({"id": start["toolUseId"], "name": start["name"], "input": ""})
        delta = event.get("contentBlockDelta", {}).get("delta", {})
        if "toolUse" in delta:
            self.calls[-1]["input"] += delta["toolUse"]["input"]
        text: str = delta.get("text", "")
        self.text += text
        return text

    def content(self) -> list[dict[str, Any]]:
        text = [{"text": self.text}] if self.text.strip() else []
        uses = [
            {
                "toolUse": {
                    "toolUseId": row["id"],
                    "name": row["name"],
                    "input": _document(row["input"]),
                }
            }
            for row in self.calls
        ]
        return text + uses or [{"text": "(nothing)"}]


def _document(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


@cache
def _bedrock() -> Any:
    config = Config(connect_timeout=5, read_timeout=55, retries={"total_max_attempts": 3})
    return boto3.client("bedrock-runtime", config=config)


def _refusal(error: Exception) -> RefusedError:
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
    if code == "AccessDeniedException":
        return RefusedError(503, NO_MODEL)
    if code == "ThrottlingException":
        return RefusedError(429, "the model is busy; ask again in a moment")
    return RefusedError(503, f"the model does not answer ({code or type(error).__name__})")
