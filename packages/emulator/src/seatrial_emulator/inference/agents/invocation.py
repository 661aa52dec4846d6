"""InvokeAgent: a session's turn as an event stream, with a trace of what the agent did.

Source: Bedrock agents runtime API reference, InvokeAgent; user guide, "Track agent's step-by-step
reasoning process using trace".
"""

from __future__ import annotations

import base64
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Any

from seatrial_emulator.inference import event_stream
from seatrial_emulator.inference.agents.records import Agents, Version
from seatrial_emulator.inference.conversation import InferenceError, Message, Question
from seatrial_emulator.inference.knowledge.questions import (
    SERVICE,
    Questions,
    citations,
    reference,
)
from seatrial_emulator.inference.knowledge.search import Chunk
from seatrial_emulator.inference.model_ids import called
from seatrial_emulator.inference.moderation.assessment import Verdict, judge
from seatrial_emulator.inference.operations import (
    Operation,
    Operations,
    Request,
    Row,
    Stream,
    identifier,
    now,
)

ENDED = "Session is terminated as 'endSession' flag is set in request."
REFUSED = (
    "Access denied when calling Bedrock. Check your request permissions and retry the request."
)
Found = list[tuple[float, Chunk]]


@dataclass
class Session:
    """What was said in a session; ``until`` is when it is forgotten, on the monotonic clock."""

    turns: list[Message] = field(default_factory=list)
    until: float = 0.0


class Invocations:
    """The sessions of one account's agents."""

    def __init__(self, agents: Agents, questions: Questions) -> None:
        self.agents, self.questions = agents, questions
        self.sessions: dict[tuple[str, str, str], Session] = {}

    def operations(self) -> Operations:
        """Return InvokeAgent, whose resource is the alias."""
        run = Operation(run=self.invoke, resource=self.agents.alias_arn, alone=False)
        return {(SERVICE, "InvokeAgent"): run}

    def invoke(self, request: Request) -> Stream:
        """Answer one turn of a session."""
        given = request.parameters
        (route,) = self.agents.alias(given)["routingConfiguration"]
        version = self.agents.agent(given).versions[route["agentVersion"]]
        if version.row["agentStatus"] != "PREPARED":
            text = "Agent is not prepared. Prepare it before it is invoked."
            raise InferenceError("ValidationException", text)
        turn = _Turn(self.agents, self.questions, version, given, self._session(given, version))
        headers = {"contentType": "application/json", "sessionId": given["sessionId"]}
        if given.get("endSession"):
            self.sessions.pop(_key(given), None)
            return Stream(iter([_chunk(ENDED, [])]), headers)
        return Stream(turn.events(), headers)

    def _session(self, given: Row, version: Version) -> Session:
        clock = time.monotonic()
        session = self.sessions.get(_key(given))
        if session is None or session.until < clock:
            session = self.sessions[_key(given)] = Session()
        session.until = clock + version.row["idleSessionTTLInSeconds"]
        return session


def _key(given: Row) -> tuple[str, str, str]:
    return given["agentId"], given["agentAliasId"], given["sessionId"]


@dataclass
class _Turn:
    """One turn: what is asked of which version of an agent."""

    agents: Agents
    questions: Questions
    version: Version
    given: Row
    session: Session
    id: str = field(default_factory=lambda: identifier(16, upper=False))

    def events(self) -> Iterator[bytes]:
        """Yield the answer's parts, and before each what was done for it."""
        text = self.given.get("inputText") or ""
        before = self._judged(text, "INPUT")
        yield from self._guarded("inputAssessments", before)
        if before and before.blocked:
            yield from self._final(before.texts[0], [])
            return
        question = before.texts[0] if before and before.done else text
        found: Found = []
        for base in self._bases():
            rows = self._looked_up(base, question)
            yield from self._lookup(base, question, rows)
            found += rows
        answer = yield from self._answer(question, found)
        after = self._judged(answer, "OUTPUT")
        yield from self._guarded("outputAssessments", after)
        said = after.texts[0] if after and after.done else answer
        self.session.turns += [
            Message(role="user", text=question),
            Message(role="assistant", text=said),
        ]
        yield from self._final(said, [] if after and after.blocked else citations(said, found))

    def _answer(self, text: str, found: Found) -> Generator[bytes, None, str]:
        """Yield the trace of the model's call, and return its answer."""
        self._need("bedrock:InvokeModel", self._model_arns())
        prompt = self._prompt(found)
        yield from self._trace(
            "modelInvocationInput", {"type": "ORCHESTRATION", "text": prompt + "\n\n" + text}
        )
        parts = self.questions.speaker().answer(
            Question(
                model=called(self.version.row["foundationModel"]).model,
                messages=(*self.session.turns, Message(role="user", text=text)),
                system=prompt,
            )
        )
        answer = "".join(part for part in parts if isinstance(part, str))
        yield from self._trace("modelInvocationOutput", {"rawResponse": {"content": answer}})
        return answer

    def _prompt(self, found: Found) -> str:
        results = "\n\n".join(f"[{n}] {chunk.text}" for n, (_, chunk) in enumerate(found, 1))
        state = self.given.get("sessionState") or {}
        attributes = state.get("promptSessionAttributes") or {}
        facts = "\n".join(f"{key}: {value}" for key, value in attributes.items())
        parts = (self.version.row["instruction"], facts, results and f"Search results:\n{results}")
        return "\n\n".join(filter(None, parts))

    def _bases(self) -> list[Row]:
        rows = self.version.bases.values()
        return [row for row in rows if row["knowledgeBaseState"] == "ENABLED"]

    def _looked_up(self, base: Row, text: str) -> Found:
        self._need("bedrock:Retrieve", (self.questions.bases.arn(base),))
        return self.questions.find(self.questions.bases.base(base), text, {})

    def _model_arns(self) -> tuple[str, ...]:
        place = self.agents.place
        return called(self.version.row["foundationModel"]).arns(place.region, place.account)

    def _need(self, action: str, resources: tuple[str, ...]) -> None:
        role = self.version.row.get("agentResourceRoleArn") or ""
        if not all(self.agents.roles.allows(role, action, each) for each in resources):
            raise InferenceError("AccessDeniedException", REFUSED)

    def _judged(self, text: str, source: Any) -> Verdict | None:
        configured = self.version.row.get("guardrailConfiguration") or {}
        name = configured.get("guardrailIdentifier")
        if not name or not text:
            return None
        guardrails = self.questions.guardrails
        arn = self.agents.place.arn("guardrail", name.rpartition("/")[2])
        self._need("bedrock:ApplyGuardrail", (arn,))
        return judge(guardrails.version(name, configured["guardrailVersion"]), [text], source)

    def _guarded(self, kind: str, verdict: Verdict | None) -> Iterator[bytes]:
        if verdict:
            action = "INTERVENED" if verdict.done else "NONE"
            shown = {k: v for k, v in verdict.assessment.items() if k != "invocationMetrics"}
            row = {"action": action, kind: [shown] if verdict.done else [], "traceId": self.id}
            yield from self._event({"guardrailTrace": row})

    def _lookup(self, base: Row, text: str, rows: Found) -> Iterator[bytes]:
        wanted = {"text": text, "knowledgeBaseId": base["knowledgeBaseId"]}
        yield from self._trace(
            "invocationInput",
            {"invocationType": "KNOWLEDGE_BASE", "knowledgeBaseLookupInput": wanted},
        )
        output = {"retrievedReferences": [reference(chunk) for _, chunk in rows]}
        yield from self._trace(
            "observation", {"type": "KNOWLEDGE_BASE", "knowledgeBaseLookupOutput": output}
        )

    def _final(self, text: str, cited: list[Row]) -> Iterator[bytes]:
        yield from self._trace("observation", {"type": "FINISH", "finalResponse": {"text": text}})
        streaming = self.given.get("streamingConfigurations") or {}
        words = text.split(" ") if streaming.get("streamFinalResponse") else [text]
        last = len(words) - 1
        for number, word in enumerate(words):
            yield _chunk(word + " " * (number < last), cited if number == last else [])

    def _trace(self, kind: str, row: Row) -> Iterator[bytes]:
        yield from self._event({"orchestrationTrace": {kind: row | {"traceId": self.id}}})

    def _event(self, trace: Row) -> Iterator[bytes]:
        if self.given.get("enableTrace"):
            same = {key: self.given[key] for key in ("agentId", "agentAliasId", "sessionId")}
            more = {"agentVersion": self.version.row["agentVersion"], "trace": trace}
            when = {"eventTime": now().strftime("%Y-%m-%dT%H:%M:%SZ")}
            yield event_stream.event("trace", same | more | when)


def _chunk(text: str, cited: list[Row]) -> bytes:
    body: Row = {"bytes": base64.b64encode(text.encode()).decode()}
    if cited:
        body["attribution"] = {"citations": cited}
    return event_stream.event("chunk", body)
