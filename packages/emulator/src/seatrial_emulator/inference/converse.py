"""Bedrock's Converse and ConverseStream as what is asked and answered (Bedrock API reference)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from seatrial_emulator.inference import event_stream
from seatrial_emulator.inference.conversation import (
    End,
    InferenceError,
    Message,
    Part,
    Question,
    Tool,
    ToolCall,
    ToolResult,
)

# Blocks that carry what no model here reads.
UNREAD = ("image", "document", "video", "audio")


def question(model: str, body: dict[str, Any]) -> Question:
    """Return what a request asks; raises InferenceError for what cannot be asked here."""
    settings = body.get("inferenceConfig") or {}
    config = body.get("toolConfig") or {}
    messages = tuple(_message(row) for row in body.get("messages") or ())
    if not messages:
        raise InferenceError("ValidationException", "A conversation must have a message.")
    if messages[0].role != "user":
        text = "A conversation must start with a user message. Try again with a conversation that "
        raise InferenceError("ValidationException", text + "starts with a user message.")
    return Question(
        model=model,
        messages=messages,
        system="\n".join(_system(block) for block in body.get("system") or ()),
        tools=tuple(_tool(row["toolSpec"]) for row in config.get("tools", ()) if "toolSpec" in row),
        choice=_choice(config.get("toolChoice") or {"auto": {}}),
        most_tokens=settings.get("maxTokens"),
        temperature=settings.get("temperature"),
        top_p=settings.get("topP"),
        stop=tuple(settings.get("stopSequences") or ()),
    )


def _system(block: dict[str, Any]) -> str:
    if "guardContent" in block:
        return str(block["guardContent"]["text"]["text"])
    return str(block.get("text", ""))


def _message(row: dict[str, Any]) -> Message:
    texts, calls, results = [], [], []
    for block in row["content"]:
        if unread := next((kind for kind in UNREAD if kind in block), None):
            text = f"The rehearsed model reads text; it does not read {unread} blocks."
            raise InferenceError("ValidationException", text)
        if "text" in block:
            texts.append(block["text"])
        elif "guardContent" in block:
            texts.append(block["guardContent"]["text"]["text"])
        elif "toolUse" in block:
            used = block["toolUse"]
            calls.append(ToolCall(used["toolUseId"], used["name"], used["input"]))
        elif "toolResult" in block:
            results.append(_result(block["toolResult"]))
    return Message(
        role=row["role"], text="\n".join(texts), calls=tuple(calls), results=tuple(results)
    )


def _result(row: dict[str, Any]) -> ToolResult:
    parts = [b["text"] if "text" in b else json.dumps(b.get("json")) for b in row["content"]]
    return ToolResult(row["toolUseId"], "\n".join(parts))


def _tool(row: dict[str, Any]) -> Tool:
    schema = row["inputSchema"]["json"]
    return Tool(row["name"], row.get("description", ""), schema)


def _choice(row: dict[str, Any]) -> str:
    return str(row["tool"]["name"]) if "tool" in row else next(iter(row))


def whole(parts: Iterator[Part], milliseconds: int) -> dict[str, Any]:
    """Return the answer of Converse."""
    text, calls, end = "", [], End("end_turn", 0, 0)
    for part in parts:
        match part:
            case str():
                text += part
            case ToolCall(id, name, arguments):
                calls.append({"toolUse": {"toolUseId": id, "name": name, "input": arguments}})
            case End():
                end = part
    content = ([{"text": text}] if text or not calls else []) + calls
    return {
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": end.reason,
        "usage": usage(end),
        "metrics": {"latencyMs": milliseconds},
    }


def usage(end: End) -> dict[str, int]:
    """Return the tokens of an answer as Bedrock counts them."""
    return {
        "inputTokens": end.input_tokens,
        "outputTokens": end.output_tokens,
        "totalTokens": end.input_tokens + end.output_tokens,
    }


def stream(
    parts: Iterator[Part], milliseconds: Callable[[], int], trace: Callable[[], dict[str, Any]]
) -> Iterator[bytes]:
    """Yield the events of ConverseStream.

    At its end ``milliseconds`` returns the time since the request, and ``trace`` what stands
    beside the counts.
    """
    yield event_stream.event("messageStart", {"role": "assistant"})
    index, texting = 0, False
    for part in parts:
        if isinstance(part, str):
            texting = True
            yield _delta(index, {"text": part})
            continue
        if texting:
            yield event_stream.event("contentBlockStop", {"contentBlockIndex": index})
            index, texting = index + 1, False
        if isinstance(part, ToolCall):
            yield from _call(index, part)
            index += 1
        else:
            yield event_stream.event("messageStop", {"stopReason": part.reason})
            body = {"usage": usage(part), "metrics": {"latencyMs": milliseconds()}, **trace()}
            yield event_stream.event("metadata", body)


def _delta(index: int, delta: dict[str, Any]) -> bytes:
    body = {"contentBlockIndex": index, "delta": delta}
    return event_stream.event("contentBlockDelta", body)


def _call(index: int, call: ToolCall) -> Iterator[bytes]:
    start = {"toolUse": {"toolUseId": call.id, "name": call.name}}
    body = {"contentBlockIndex": index, "start": start}
    yield event_stream.event("contentBlockStart", body)
    yield _delta(index, {"toolUse": {"input": json.dumps(call.arguments)}})
    yield event_stream.event("contentBlockStop", {"contentBlockIndex": index})
