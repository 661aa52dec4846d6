"""A model server that speaks OpenAI's API: llama.cpp, vLLM, Ollama, or a vendor's.

Every model of Bedrock leads to the one model that the server serves, whose name
is read once (OpenAI API reference, "Chat", "Streaming", "Embeddings", "Models").
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import httpx

from seatrial_emulator.inference.conversation import (
    End,
    InferenceError,
    Message,
    Part,
    Question,
    StopReason,
    ToolCall,
    tokens,
)

SECONDS = 300.0  # a local model may be slow to its first word
CONNECT_SECONDS = 5.0
REASONS: dict[str, StopReason] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
}


@dataclass
class _Answer:
    """What has come of a stream so far: calls of tools by their index, why it ended, counts."""

    calls: dict[int, dict[str, str]] = field(default_factory=dict)
    reason: str = "stop"
    text: str = ""
    usage: dict[str, int] = field(default_factory=dict)


class OpenAIServer:
    """A server at a base address, such as ``http://127.0.0.1:8080/v1``."""

    embeds = True

    def __init__(self, address: str, key: str = "", name: str = "") -> None:
        self.address, self.given_name = address.rstrip("/"), name
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        timeout = httpx.Timeout(SECONDS, connect=CONNECT_SECONDS)
        # The developer's own proxy settings are not for a server on this machine.
        self.client = httpx.Client(headers=headers, timeout=timeout)

    @cached_property
    def name(self) -> str:
        """Return the name of the server's model; raises InferenceError."""
        if self.given_name:
            return self.given_name
        with _errors(self.address):
            answer = self.client.get(f"{self.address}/models")
            _raise_for(answer)
            rows = answer.json().get("data") or [{}]
            return str(rows[0].get("id", "default"))

    def answer(self, question: Question) -> Iterator[Part]:
        """Yield the answer as the server streams it; raises InferenceError.

        The connection is made before this returns, so that a refusal is no broken stream.
        """
        with _errors(self.address):
            request = self.client.build_request(
                "POST", f"{self.address}/chat/completions", json=self._body(question)
            )
            response = self.client.send(request, stream=True)
            if response.is_error:
                response.read()
            _raise_for(response)
        return self._parts(response, question)

    def _parts(self, response: httpx.Response, question: Question) -> Iterator[Part]:
        found = _Answer()
        with contextlib.closing(response), _errors(self.address):
            for chunk in _chunks(response):
                yield from _text_of(chunk, found)
        for row in found.calls.values():
            yield ToolCall(row["id"], row["name"], _arguments(row["arguments"]))
        yield _end(found, question)

    def _body(self, question: Question) -> dict[str, Any]:
        messages: list[dict[str, Any]] = []
        if question.system:
            messages.append({"role": "system", "content": question.system})
        for message in question.messages:
            messages += _turns(message)
        settings = {
            "max_tokens": question.most_tokens,
            "temperature": question.temperature,
            "top_p": question.top_p,
            "stop": list(question.stop) or None,
        }
        body: dict[str, Any] = {key: value for key, value in settings.items() if value is not None}
        if question.tools:
            body["tools"] = [_tool(tool) for tool in question.tools]
            body["tool_choice"] = _choice(question.choice)
        stream = {"stream": True, "stream_options": {"include_usage": True}}
        return {"model": self.name, "messages": messages, **body, **stream}

    def embed(self, texts: list[str], size: int | None) -> list[list[float]]:
        """Return a vector for each text; raises InferenceError."""
        body: dict[str, Any] = {"model": self.name, "input": texts}
        with _errors(self.address):
            answer = self.client.post(f"{self.address}/embeddings", json=body)
            _raise_for(answer)
            rows = sorted(answer.json()["data"], key=lambda row: row["index"])
            found = [list(map(float, row["embedding"])) for row in rows]
        return [vector[:size] if size else vector for vector in found]


def _turns(message: Message) -> Iterator[dict[str, Any]]:
    """Yield one turn of ours as theirs: each result of a tool is a message of its own."""
    for result in message.results:
        yield {"role": "tool", "tool_call_id": result.id, "content": result.text}
    if message.text or message.calls:
        row: dict[str, Any] = {"role": message.role, "content": message.text or None}
        if message.calls:
            row["tool_calls"] = [_call(call) for call in message.calls]
        yield row


def _call(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": json.dumps(call.arguments)}
    return {"id": call.id, "type": "function", "function": function}


def _tool(tool: Any) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.schema}
    return {"type": "function", "function": function}


def _choice(choice: str) -> Any:
    if choice in ("auto", "any"):
        return {"auto": "auto", "any": "required"}[choice]
    return {"type": "function", "function": {"name": choice}}


def _chunks(response: httpx.Response) -> Iterator[dict[str, Any]]:
    """Yield the JSON of each server-sent event."""
    for line in response.iter_lines():
        data = line.removeprefix("data:").strip()
        if line.startswith("data:") and data and data != "[DONE]":
            yield json.loads(data)


def _text_of(chunk: dict[str, Any], found: _Answer) -> Iterator[str]:
    """Yield a chunk's text, and put the rest of it into what was found."""
    if error := chunk.get("error"):
        text = error.get("message", error) if isinstance(error, dict) else error
        raise InferenceError("ModelErrorException", f"The model server answered: {text}")
    found.usage = chunk.get("usage") or found.usage
    for choice in chunk.get("choices") or ():
        delta = choice.get("delta") or {}
        for row in delta.get("tool_calls") or ():
            _add_call(row, found)
        found.reason = choice.get("finish_reason") or found.reason
        if text := delta.get("content"):
            found.text += text
            yield text


def _add_call(row: dict[str, Any], found: _Answer) -> None:
    index = int(row.get("index", len(found.calls)))
    call = found.calls.setdefault(index, {"id": "", "name": "", "arguments": ""})
    function = row.get("function") or {}
    call["id"] = row.get("id") or call["id"] or f"call_{index}"
    call["name"] += function.get("name") or ""
    call["arguments"] += function.get("arguments") or ""


def _arguments(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError as error:
        said = f"The model called a tool with arguments that are no JSON: {text[:200]}"
        raise InferenceError("ModelErrorException", said) from error
    return found if isinstance(found, dict) else {"value": found}


def _end(found: _Answer, question: Question) -> End:
    reason = "tool_use" if found.calls else REASONS.get(found.reason, "end_turn")
    prompt = question.system + "".join(message.text for message in question.messages)
    return End(
        reason,
        int(found.usage.get("prompt_tokens") or tokens(prompt)),
        int(found.usage.get("completion_tokens") or tokens(found.text)),
    )


def _raise_for(response: httpx.Response) -> None:
    """Raise a refusal of the server's as one of Bedrock's."""
    if response.is_success:
        return
    said = f"The model server answered {response.status_code}: {response.text[:300]}"
    kind = {429: "ThrottlingException", 503: "ServiceUnavailableException"}
    raise InferenceError(kind.get(response.status_code, "ModelErrorException"), said)


@contextlib.contextmanager
def _errors(address: str) -> Iterator[None]:
    """Raise what goes wrong on the way to the server as one of Bedrock's own failures."""
    try:
        yield
    except httpx.TimeoutException as error:
        text = f"The model server at {address} did not answer in time."
        raise InferenceError("ModelTimeoutException", text) from error
    except httpx.HTTPError as error:
        text = f"The model server at {address} cannot be reached: {error}"
        raise InferenceError("ServiceUnavailableException", text) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        text = f"The model server at {address} answered what OpenAI's API does not: {error!r}"
        raise InferenceError("ModelErrorException", text) from error
