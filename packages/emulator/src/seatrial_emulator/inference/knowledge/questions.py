"""Retrieve and RetrieveAndGenerate: what is found for a question, and an answer made of it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from seatrial_emulator.inference.conversation import InferenceError, Message, Model, Question
from seatrial_emulator.inference.knowledge import filters, search
from seatrial_emulator.inference.knowledge.records import Base, Bases
from seatrial_emulator.inference.knowledge.search import Chunk
from seatrial_emulator.inference.model_ids import called
from seatrial_emulator.inference.moderation.records import Guardrails
from seatrial_emulator.inference.operations import (
    Caller,
    Operation,
    Operations,
    Request,
    Row,
    authorize,
)

SERVICE = "bedrock-agent-runtime"
RESULTS = 5  # where a request does not say how many
NO_ACCESS = "You don't have access to the model with the specified model ID."
# What AWS answers where nothing was found.
NOTHING = "Sorry, I am unable to assist you with this request."
PROMPT = (
    "You are a question answering agent. The user asks a question; answer it only with the search "
    "results below, and say so where they do not hold the answer.\n\n$search_results$"
)


@dataclass
class Questions:
    """The questions of one account; ``sessions`` are earlier turns by their session's ID."""

    bases: Bases
    guardrails: Guardrails
    model: Callable[[], Model | None]
    sessions: dict[str, list[Message]] = field(default_factory=dict)

    def operations(self) -> Operations:
        """Return the operations, by service and name; RetrieveAndGenerate has no resource."""
        return {
            (SERVICE, "Retrieve"): Operation(
                run=self.retrieve, resource=self.bases.arn, alone=False
            ),
            (SERVICE, "RetrieveAndGenerate"): Operation(run=self.generate, alone=False),
        }

    def retrieve(self, request: Request) -> Row:
        """Find chunks for a question."""
        given, base = request.parameters, self.bases.base(request.parameters)
        question = given["retrievalQuery"].get("text") or ""
        answer: Row = {"guardrailAction": "NONE"} if given.get("guardrailConfiguration") else {}
        if self._blocked(request.caller, given.get("guardrailConfiguration"), question, "INPUT"):
            return {"guardrailAction": "INTERVENED", "retrievalResults": []}
        found = self.find(base, question, given.get("retrievalConfiguration") or {})
        return answer | {"retrievalResults": [reference(c) | {"score": s} for s, c in found]}

    def find(self, base: Base, question: str, configuration: Row) -> list[tuple[float, Chunk]]:
        """Return the best chunks for a question, each with its score."""
        wanted = configuration.get("vectorSearchConfiguration") or {}
        every = base.chunks
        if wanted.get("filter"):
            every = [chunk for chunk in every if filters.passes(wanted["filter"], chunk.metadata)]
        model = self.model()
        if model and model.embeds and every and all(chunk.vector for chunk in every):
            found = search.by_vectors(model.embed([question], None)[0], every)
        else:
            found = search.by_words(question, every)
        return found[: wanted.get("numberOfResults") or RESULTS]

    def generate(self, request: Request) -> Row:
        """Answer a question from a knowledge base, with what the answer rests on."""
        given = request.parameters
        configured = (given.get("retrieveAndGenerateConfiguration") or {}).get(
            "knowledgeBaseConfiguration"
        )
        if not configured:
            text = "The emulator does not support RetrieveAndGenerate without a knowledge base."
            raise InferenceError("NotImplementedException", text)
        base = self.bases.base(configured)
        authorize(request.caller, "bedrock:Retrieve", base.row["knowledgeBaseArn"], {})
        name = self.permitted(request.caller, configured["modelArn"])
        session, earlier = self._session(given.get("sessionId"))
        said = self._answer(request, base, configured, name, earlier)
        text = said["output"]["text"]
        question = Message(role="user", text=given["input"]["text"])
        self.sessions[session] = [*earlier, question, Message(role="assistant", text=text)]
        return said | {"sessionId": session}

    def permitted(self, caller: Caller, identifier: str) -> str:
        """Return the model that an ID or ARN names; raises InferenceError for one refused."""
        target, place = called(identifier), self.bases.place
        profile = target.profile_arn(place.region, place.account) if target.profile else ""
        context = {"bedrock:InferenceProfileArn": profile} if profile else {}
        for arn in target.arns(place.region, place.account):
            authorize(caller, "bedrock:InvokeModel", arn, context)
        if "embed" in target.model:
            text = f"The model {target.model} makes embeddings and generates no text."
            raise InferenceError("ValidationException", text)
        return target.model

    def speaker(self) -> Model:
        """Return what stands behind the models; raises InferenceError where nobody does."""
        model = self.model()
        if model is None:
            raise InferenceError("AccessDeniedException", NO_ACCESS)
        return model

    def _session(self, name: str | None) -> tuple[str, list[Message]]:
        if name is None:
            return str(uuid.uuid4()), []
        if name not in self.sessions:
            text = f"Session with Id {name} is not valid. Please check and try again."
            raise InferenceError("ValidationException", text)
        return name, self.sessions[name]

    def _answer(
        self, request: Request, base: Base, configured: Row, name: str, earlier: list[Message]
    ) -> Row:
        question = request.parameters["input"]["text"]
        generation = configured.get("generationConfiguration") or {}
        guard = generation.get("guardrailConfiguration")
        action = {"guardrailAction": "NONE"} if guard else {}
        if blocked := self._blocked(request.caller, guard, question, "INPUT"):
            return {"output": {"text": blocked}, "citations": [], "guardrailAction": "INTERVENED"}
        found = self.find(base, question, configured.get("retrievalConfiguration") or {})
        if not found:
            return {"output": {"text": NOTHING}, "citations": [], **action}
        results = "\n\n".join(f"[{n}] {chunk.text}" for n, (_, chunk) in enumerate(found, 1))
        template = (generation.get("promptTemplate") or {}).get("textPromptTemplate") or PROMPT
        settings = (generation.get("inferenceConfig") or {}).get("textInferenceConfig") or {}
        parts = self.speaker().answer(
            Question(
                model=name,
                messages=(*earlier, Message(role="user", text=question)),
                system=template.replace("$search_results$", results).replace("$query$", question),
                most_tokens=settings.get("maxTokens"),
                temperature=settings.get("temperature"),
            )
        )
        text = "".join(part for part in parts if isinstance(part, str))
        if blocked := self._blocked(request.caller, guard, text, "OUTPUT"):
            return {"output": {"text": blocked}, "citations": [], "guardrailAction": "INTERVENED"}
        return {"output": {"text": text}, "citations": citations(text, found), **action}

    def _blocked(self, caller: Caller, guard: Row | None, text: str, source: str) -> str:
        """Return what is said instead of a text that a guardrail changes; "" where it may pass."""
        if not guard or not text:
            return ""
        config = {
            "guardrailIdentifier": guard["guardrailId"],
            "guardrailVersion": guard["guardrailVersion"],
        }
        verdict = self.guardrails.judge(
            caller, config, [text], "INPUT" if source == "INPUT" else "OUTPUT"
        )
        return verdict.texts[0] if verdict.blocked or (verdict.done and source == "OUTPUT") else ""


def citations(text: str, found: list[tuple[float, Chunk]]) -> list[Row]:
    """Return what an answer rests on: the chunks that share words with it."""
    shared = search.by_words(text, [chunk for _, chunk in found])
    if not text or not shared:
        return []
    part = {"text": text, "span": {"start": 0, "end": len(text) - 1}}
    return [
        {
            "generatedResponsePart": {"textResponsePart": part},
            "retrievedReferences": [reference(chunk) for _, chunk in shared],
        }
    ]


def reference(chunk: Chunk) -> Row:
    """Return a chunk as answers show it."""
    own = {
        "x-amz-bedrock-kb-source-uri": chunk.uri,
        "x-amz-bedrock-kb-chunk-id": chunk.id,
        "x-amz-bedrock-kb-data-source-id": chunk.source,
    }
    return {
        "content": {"text": chunk.text, "type": "TEXT"},
        "location": {"type": "S3", "s3Location": {"uri": chunk.uri}},
        "metadata": own | chunk.metadata,
    }
