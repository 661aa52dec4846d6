"""Bedrock's InvokeModel: bodies that are the vendor's own (Bedrock user guide, "Inference request
parameters and response fields for foundation models").

Those of Titan's and Cohere's embeddings and of Anthropic's messages; everything else is asked
by Converse.
"""

from __future__ import annotations

from typing import Any

from seatrial_emulator.inference.conversation import (
    End,
    InferenceError,
    Message,
    Model,
    Question,
    Tool,
    ToolCall,
    ToolResult,
    tokens,
)


def invoke(model: Model, name: str, body: dict[str, Any]) -> dict[str, Any]:
    """Return the body of an answer; raises InferenceError."""
    if "titan-embed" in name:
        return _titan(model, body)
    if "cohere.embed" in name:
        return _cohere(model, body)
    if "anthropic." in name:
        return _anthropic(model, name, body)
    text = f"The rehearsal does not know the body that {name} takes. Converse reaches every model."
    raise InferenceError("ValidationException", text)


def _titan(model: Model, body: dict[str, Any]) -> dict[str, Any]:
    text = _required(body, "inputText")
    (vector,) = model.embed([text], body.get("dimensions"))
    return {"embedding": vector, "inputTextTokenCount": tokens(text)}


def _cohere(model: Model, body: dict[str, Any]) -> dict[str, Any]:
    texts = list(_required(body, "texts"))
    _required(body, "input_type")
    found = model.embed(texts, body.get("output_dimension"))
    return {"embeddings": found, "id": "", "response_type": "embeddings_floats", "texts": texts}


def _required(body: dict[str, Any], key: str) -> Any:
    if not body.get(key):
        text = f"Malformed input request: #: required key [{key}] not found, please reformat your "
        raise InferenceError("ValidationException", text + "input and try again.")
    return body[key]


def _anthropic(model: Model, name: str, body: dict[str, Any]) -> dict[str, Any]:
    _required(body, "anthropic_version")
    question = Question(
        model=name,
        messages=tuple(_message(row) for row in _required(body, "messages")),
        system=_text(body.get("system") or ""),
        tools=tuple(
            Tool(row["name"], row.get("description", ""), row["input_schema"])
            for row in body.get("tools") or ()
        ),
        most_tokens=_required(body, "max_tokens"),
        temperature=body.get("temperature"),
        top_p=body.get("top_p"),
        stop=tuple(body.get("stop_sequences") or ()),
    )
    content: list[dict[str, Any]] = []
    end = End("end_turn", 0, 0)
    text = ""
    for part in model.answer(question):
        match part:
            case str():
                text += part
            case ToolCall(id, tool, arguments):
                content.append({"type": "tool_use", "id": id, "name": tool, "input": arguments})
            case End():
                end = part
    return {
        "id": "msg_bdrk_rehearsed",
        "type": "message",
        "role": "assistant",
        "model": name,
        "content": ([{"type": "text", "text": text}] if text else []) + content,
        "stop_reason": end.reason,
        "stop_sequence": None,
        "usage": {"input_tokens": end.input_tokens, "output_tokens": end.output_tokens},
    }


def _message(row: dict[str, Any]) -> Message:
    blocks = row["content"] if isinstance(row["content"], list) else []
    calls = [ToolCall(b["id"], b["name"], b["input"]) for b in blocks if b["type"] == "tool_use"]
    results = [
        ToolResult(b["tool_use_id"], _text(b.get("content") or ""))
        for b in blocks
        if b["type"] == "tool_result"
    ]
    return Message(
        role=row["role"], text=_text(row["content"]), calls=tuple(calls), results=tuple(results)
    )


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(block["text"] for block in content if block.get("type") == "text")
