"""How a rehearsal differs from AWS in what is on Amazon Bedrock."""

from __future__ import annotations

from seatrial.rehearsal.behaviour import Behaviour

ROWS = (
    Behaviour(
        "Models on Bedrock",
        "Converse, ConverseStream, InvokeModel of the models that the account has access to",
        "Bedrock API reference and user guide",
        "the same requests, answers, streams, grants and errors; behind them a model server of "
        "one's own, a script, or nobody: then the answer of an account without access",
        "tests/emulator/test_bedrock.py::test_a_stream_has_the_same_text_word_by_word",
        missing="the models themselves, which of them a region offers, their quotas and limits",
        sections=("models",),
        sources=("model",),
    ),
    Behaviour(
        "Guardrails",
        "models of AWS's own judge content, topics and personal data, in many languages",
        "Bedrock user guide, Create your guardrail",
        "words and shapes judge, in English; masks, messages, versions, assessments, units, grants "
        "and errors are the same; no images, no contextual grounding, none at InvokeModel",
        "tests/emulator/test_guardrails.py::test_a_text_is_judged",
        missing="the models behind guardrails: here words and shapes judge",
        sections=("guardrails",),
    ),
    Behaviour(
        "Knowledge bases",
        "documents of a bucket as vectors in Pinecone or Aurora, found by a model's embeddings",
        "Bedrock user guide, How Amazon Bedrock knowledge bases work",
        "jobs by the role's grants, chunks, filters, citations, sessions and errors are the same; "
        "vectors lie in memory and are a model server's, else words find chunks (BM25); no Word, "
        "Excel and PDF files, no hybrid search, no reranking",
        "tests/emulator/test_knowledge_bases.py::test_the_guides_commands_answer",
        missing="vector stores: Pinecone and Aurora are not asked; without a model server, words "
        "find the documents",
        sections=("knowledge",),
    ),
    Behaviour(
        "Agents",
        "a model decides, step by step, what to look up, and answers",
        "Bedrock user guide, How Amazon Bedrock Agents works",
        "one step: every question is looked up in every knowledge base, then the model answers; "
        "versions, aliases, sessions, traces, guardrails, grants and errors are the same; no "
        "action groups, memory and collaboration",
        "tests/emulator/test_agents.py::test_an_agent_answers_with_a_trace",
        missing="what an agent's model decides to look up: here it is every knowledge base, once",
        sections=("agents",),
    ),
)
