"""A guardrail around one conversation with a model (user guide, "Include a guardrail with the
Converse API").

What the user says is judged before the model hears it, and the answer before the caller gets it;
in a stream with ``async`` the answer is judged at its end, and nothing of it is masked.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from seatrial_emulator.inference.conversation import End, Part
from seatrial_emulator.inference.moderation.assessment import Verdict
from seatrial_emulator.inference.moderation.records import Guardrails
from seatrial_emulator.inference.operations import Caller, Row


@dataclass
class Guard:
    """One guardrail, for one request of a caller; ``config`` is the request's."""

    guardrails: Guardrails
    caller: Caller
    config: Row
    input: Verdict | None = None
    output: Verdict | None = None
    said: list[str] = field(default_factory=list)

    def enter(self, body: Row) -> Row | None:
        """Return the request as the model may hear it; None where it is blocked."""
        judged = copy.deepcopy(body)
        blocks = _guarded_blocks(judged) or _user_blocks(judged)
        if not blocks:
            return judged
        texts = [block["text"] for block in blocks]
        self.input = self.guardrails.judge(self.caller, self.config, texts, "INPUT")
        if self.input.blocked:
            return None
        for block, text in zip(blocks, self.input.texts, strict=True):
            block["text"] = text
        return judged

    def refused(self) -> Iterator[Part]:
        """Yield the answer to a request that is blocked: no model was asked."""
        yield from self.input.texts if self.input else ()
        yield End("guardrail_intervened", 0, 0)

    def leave(self, parts: Iterator[Part]) -> Iterator[Part]:
        """Yield the answer as its caller may have it."""
        if self.config.get("streamProcessingMode") == "async":
            yield from self._live(parts)
            return
        every = list(parts)
        text = "".join(part for part in every if isinstance(part, str))
        verdict = self._judge(text)
        if text or (verdict and verdict.blocked):
            yield verdict.texts[0] if verdict else text
        for part in every:
            if isinstance(part, End):
                yield _ended(part, verdict)
            elif not isinstance(part, str) and not (verdict and verdict.blocked):
                yield part

    def _live(self, parts: Iterator[Part]) -> Iterator[Part]:
        text = ""
        for part in parts:
            if isinstance(part, End):
                yield _ended(part, self._judge(text))
                return
            text += part if isinstance(part, str) else ""
            yield part

    def _judge(self, text: str) -> Verdict | None:
        if text:
            self.said = [text]
            self.output = self.guardrails.judge(self.caller, self.config, [text], "OUTPUT")
        return self.output

    def trace(self) -> Row:
        """Return what the answer tells of the guardrail, where the request asked for it."""
        if self.config.get("trace") not in ("enabled", "enabled_full"):
            return {}
        name = self.config["guardrailIdentifier"].rpartition("/")[2]
        found: Row = {}
        if self.input:
            found["inputAssessment"] = {name: self.input.assessment}
        if self.output:
            found["outputAssessments"] = {name: [self.output.assessment]}
        if self.output and self.output.done:
            found["modelOutput"] = self.said
        if last := self.output or self.input:
            found["actionReason"] = last.reason
        return {"trace": {"guardrail": found}}


def _ended(end: End, verdict: Verdict | None) -> End:
    if verdict and verdict.done:
        return End("guardrail_intervened", end.input_tokens, end.output_tokens)
    return end


def _guarded_blocks(body: Row) -> list[dict[str, Any]]:
    """Return the texts that a request marks for its guardrail: then only these are judged."""
    blocks = [block for row in body.get("messages") or () for block in row["content"]]
    return [
        block["guardContent"]["text"]
        for block in (*(body.get("system") or ()), *blocks)
        if "text" in (block.get("guardContent") or {})
    ]


def _user_blocks(body: Row) -> list[dict[str, Any]]:
    rows = (row for row in body.get("messages") or () if row["role"] == "user")
    return [block for row in rows for block in row["content"] if "text" in block]
