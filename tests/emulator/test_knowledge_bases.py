"""Knowledge bases read a bucket by their role and answer from it; boto3 is the client."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bedrock_clients import (
    ALLOWED,
    EMBEDDING,
    MODEL,
    base,
    client_of,
    made,
    refusal,
    role,
    running,
    storage,
    synced,
)
from seatrial_emulator.inference.knowledge import chunks, filters, search
from seatrial_emulator.process import RunningEmulator

SCRIPT = r"""
- {when: "schema of the users table", system: "created_at", answer: "users has id and created_at."}
- {when: "and its key", answer: "The key is id."}
- {when: "secret", answer: "Write to ann@example.com about users."}
"""
DOCUMENTS = {
    "docs/users.md": "The users table has the columns id, email and created_at.",
    "docs/orders.html": "<html><script>var x</script><p>The orders table has a total.</p></html>",
    "docs/orders.html.metadata.json": '{"metadataAttributes": {"team": "sales", "year": 2024}}',
    "docs/picture.png": "no text",
    "other/users.md": "The users table of another place.",
}


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEmulator]:
    """Run an account with a bucket, a role that a knowledge base may take, and Pinecone's key."""
    folder = tmp_path_factory.mktemp("knowledge")
    (folder / "model.yml").write_text(SCRIPT)
    with running(folder / "state", model_script=str(folder / "model.yml")) as found:
        s3 = client_of(found, "s3")
        s3.create_bucket(Bucket="knowledge")
        for key, text in DOCUMENTS.items():
            s3.put_object(Bucket="knowledge", Key=key, Body=text.encode())
        role(found, "reads", ALLOWED)
        secrets = client_of(found, "secretsmanager")
        secrets.create_secret(Name="pinecone", SecretString='{"apiKey": "k"}')
        secrets.create_secret(Name="empty", SecretString="k")
        yield found


@pytest.fixture(scope="module")
def docs(account: RunningEmulator) -> dict[str, str]:
    """Create the knowledge base of these tests, its documents read."""
    both = made(account, "docs")
    job = synced(account, both)
    assert job["status"] == "COMPLETE"
    assert job["statistics"]["numberOfNewDocumentsIndexed"] == 2
    assert job["statistics"]["numberOfDocumentsFailed"] == 1
    assert "picture.png: File format png is not supported." in job["failureReasons"][0]
    return both


def retrieved(account: RunningEmulator, docs: dict[str, str], text: str, **how: Any) -> list[Any]:
    client = client_of(account, "bedrock-agent-runtime")
    configuration = {"vectorSearchConfiguration": how} if how else {}
    found = client.retrieve(
        knowledgeBaseId=docs["knowledgeBaseId"],
        retrievalQuery={"text": text},
        retrievalConfiguration=configuration or {"vectorSearchConfiguration": {}},
    )
    return list(found["retrievalResults"])


def test_chunks_are_found_by_their_words(account: RunningEmulator, docs: dict[str, str]):
    """The best first, with its place; a file beside the prefix was never read."""
    first, second = retrieved(account, docs, "Which columns has the users table?")
    assert first["content"]["text"] == DOCUMENTS["docs/users.md"]
    assert first["location"] == {
        "type": "S3",
        "s3Location": {"uri": "s3://knowledge/docs/users.md"},
    }
    assert 1 > first["score"] > second["score"] > 0
    assert second["content"]["text"] == "The orders table has a total."
    assert second["metadata"]["team"] == "sales"
    assert retrieved(account, docs, "zebra") == []
    one = {"equals": {"key": "team", "value": "sales"}}
    assert len(retrieved(account, docs, "the table", filter=one)) == 1
    assert len(retrieved(account, docs, "the table", numberOfResults=1)) == 1


@pytest.mark.G36
def test_the_guides_commands_answer(account: RunningEmulator, docs: dict[str, str]):
    """Guide 2's troubleshooting: list the sources, ask the knowledge base, with what it cites."""
    agent, client = client_of(account, "bedrock-agent"), client_of(account, "bedrock-agent-runtime")
    (source,) = agent.list_data_sources(knowledgeBaseId=docs["knowledgeBaseId"])[
        "dataSourceSummaries"
    ]
    assert (source["name"], source["status"]) == ("docs", "AVAILABLE")

    def ask(text: str, model: str, **other: Any) -> Any:
        return client.retrieve_and_generate(
            input={"text": text},
            retrieveAndGenerateConfiguration={
                "type": "KNOWLEDGE_BASE",
                "knowledgeBaseConfiguration": {
                    "knowledgeBaseId": docs["knowledgeBaseId"],
                    "modelArn": f"arn:aws:bedrock:us-east-1::foundation-model/{model}",
                },
            },
            **other,
        )

    answer = ask("What is the schema of the users table?", MODEL)
    assert answer["output"]["text"] == "users has id and created_at."
    (citation,) = answer["citations"]
    reference = citation["retrievedReferences"][0]
    assert reference["location"]["s3Location"]["uri"] == "s3://knowledge/docs/users.md"
    part = citation["generatedResponsePart"]["textResponsePart"]
    assert part["span"] == {"start": 0, "end": len(part["text"]) - 1}
    session = {"sessionId": answer["sessionId"]}
    assert ask("and its key of users", MODEL, **session)["output"]["text"] == "The key is id."
    assert ask("zebra", MODEL)["output"]["text"].startswith("Sorry, I am unable to assist")
    # As the guide's second command has it: a model that makes embeddings generates nothing.
    code, message = refusal(lambda: ask("test query", "amazon.titan-embed-text-v2:0"))
    assert (code, "generates no text" in message) == ("ValidationException", True)
    code, message = refusal(lambda: ask("x", MODEL, sessionId="nobody"))
    assert message == "Session with Id nobody is not valid. Please check and try again."


def test_a_guardrail_judges_question_and_answer(account: RunningEmulator, docs: dict[str, str]):
    """Blocked: nothing is retrieved. Hidden: the answer has the mask, and no citations."""
    control, client = client_of(account, "bedrock"), client_of(account, "bedrock-agent-runtime")
    guard = control.create_guardrail(
        name="safe", blockedInputMessaging="Not asked.", blockedOutputsMessaging="Not said.",
        wordPolicyConfig={"wordsConfig": [{"text": "zebra"}]},
        sensitiveInformationPolicyConfig={
            "piiEntitiesConfig": [{"type": "EMAIL", "action": "ANONYMIZE"}]
        },
    )  # fmt: skip
    named = {"guardrailId": guard["guardrailId"], "guardrailVersion": "DRAFT"}
    found = client.retrieve(
        knowledgeBaseId=docs["knowledgeBaseId"],
        retrievalQuery={"text": "a zebra of users"},
        guardrailConfiguration=named,
    )
    assert (found["guardrailAction"], found["retrievalResults"]) == ("INTERVENED", [])
    answer = client.retrieve_and_generate(
        input={"text": "a secret of users"},
        retrieveAndGenerateConfiguration={
            "type": "KNOWLEDGE_BASE",
            "knowledgeBaseConfiguration": {
                "knowledgeBaseId": docs["knowledgeBaseId"],
                "modelArn": MODEL,
                "generationConfiguration": {"guardrailConfiguration": named},
            },
        },
    )
    assert answer["guardrailAction"] == "INTERVENED"
    assert answer["output"]["text"] == "Write to {EMAIL} about users."


def test_a_second_job_reads_what_differs(account: RunningEmulator):
    """New, changed and deleted documents are counted, and answers follow."""
    both, s3 = made(account, "differs"), client_of(account, "s3")
    s3.put_object(Bucket="knowledge", Key="docs/more.txt", Body=b"Giraffes are tall.")
    assert synced(account, both)["statistics"]["numberOfNewDocumentsIndexed"] == 3
    s3.put_object(Bucket="knowledge", Key="docs/more.txt", Body=b"Giraffes are very tall.")
    assert synced(account, both)["statistics"]["numberOfModifiedDocumentsIndexed"] == 1
    assert retrieved(account, both, "giraffe")[0]["content"]["text"] == "Giraffes are very tall."
    s3.delete_object(Bucket="knowledge", Key="docs/more.txt")
    counts = synced(account, both)["statistics"]
    assert (counts["numberOfDocumentsDeleted"], counts["numberOfNewDocumentsIndexed"]) == (1, 0)
    assert retrieved(account, both, "giraffe") == []
    jobs = client_of(account, "bedrock-agent").list_ingestion_jobs(**both)
    assert len(jobs["ingestionJobSummaries"]) == 3


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("s3:ListBucket", "is not authorized to perform: s3:ListBucket"),
        ("s3:GetObject", "is not authorized to perform: s3:GetObject"),
        ("bedrock:InvokeModel", f"bedrock:InvokeModel on resource: {EMBEDDING}"),
    ],
)
def test_a_role_that_may_not_read_fails_the_job(account: RunningEmulator, missing: str, words: str):
    """The job says which grant the role lacks."""
    name = "lacks-" + missing.replace(":", "-")
    allowed = {action: where for action, where in ALLOWED.items() if action != missing}
    both = made(account, name, roleArn=role(account, name, allowed))
    job = synced(account, both)
    assert job["status"] == "FAILED"
    assert words in job["failureReasons"][0]


def test_aws_words_for_what_is_wrong(account: RunningEmulator, docs: dict[str, str]):
    """A role that nobody may take, a store without a key, names twice, what is not there."""
    agent, client = client_of(account, "bedrock-agent"), client_of(account, "bedrock-agent-runtime")

    def create(**other: Any) -> tuple[str, str]:
        return refusal(lambda: agent.create_knowledge_base(**base(account, "wrong") | other))

    nobody = create(roleArn="arn:aws:iam::123456789012:role/nobody")
    assert nobody[0] == "ValidationException"
    assert nobody[1].startswith("Bedrock Knowledge Base was unable to assume the given role.")
    assert (
        "storage configuration provided is invalid"
        in create(storageConfiguration=storage(account, "empty"))[1]
    )
    assert create(name="docs")[0] == "ConflictException"
    assert create(name="a b")[0] == "ValidationException"
    cluster = {
        "type": "RDS",
        "rdsConfiguration": {
            "resourceArn": "arn:aws:rds:us-east-1:123456789012:db:shop",
            "credentialsSecretArn": storage(account)["pineconeConfiguration"][
                "credentialsSecretArn"
            ],
            "databaseName": "x",
            "tableName": "x",
            "fieldMapping": dict.fromkeys(
                ("primaryKeyField", "vectorField", "textField", "metadataField"), "x"
            ),
        },
    }
    assert ":cluster:" in create(storageConfiguration=cluster)[1]  # an instance is none
    unknown: Callable[[], Any] = lambda: client.retrieve(  # noqa: E731
        knowledgeBaseId="A" * 10, retrievalQuery={"text": "x"}
    )
    assert refusal(unknown)[0] == "ResourceNotFoundException"
    arn = agent.get_knowledge_base(knowledgeBaseId=docs["knowledgeBaseId"])["knowledgeBase"][
        "knowledgeBaseArn"
    ]
    agent.tag_resource(resourceArn=arn, tags={"a": "b"})
    assert agent.list_tags_for_resource(resourceArn=arn)["tags"] == {"a": "b"}


def test_chunks_search_and_filters():
    """Chunks end at words and overlap; a sentence finds what shares its words; filters hold."""
    text = " ".join(f"word{n}" for n in range(100))
    fixed = {"maxTokens": 20, "overlapPercentage": 25}
    found = chunks.cut(text, {"fixedSizeChunkingConfiguration": fixed})
    assert all(len(chunk) <= 80 for chunk in found)
    assert found[0].endswith("word9 word10 word11")
    assert found[1].startswith("word9 word10")
    assert chunks.cut(text, {"chunkingStrategy": "NONE"}) == [text]
    rows = [
        search.Chunk(id=str(n), uri="", source="", text=t, vector=v)
        for n, (t, v) in enumerate(
            [("user_accounts hold names", (1.0, 0.0)), ("orders", (0.0, 1.0)), ("", (0.5, 0.5))]
        )
    ]
    assert [c.id for _, c in search.by_words("Which account is userAccount?", rows)] == ["0"]
    assert [c.id for _, c in search.by_vectors([0.1, 0.9], rows)] == ["1", "2", "0"]
    metadata = {"year": 2024, "team": "sales", "tags": ["a", "b"]}
    for wanted, good in (
        ({"greaterThan": {"key": "year", "value": 2023}}, True),
        ({"greaterThan": {"key": "team", "value": 3}}, False),
        ({"listContains": {"key": "tags", "value": "b"}}, True),
        ({"notEquals": {"key": "missing", "value": 1}}, False),
        ({"orAll": [{"in": {"key": "team", "value": ["x"]}},
                    {"startsWith": {"key": "team", "value": "sa"}}]}, True),
    ):  # fmt: skip
        assert filters.passes(wanted, metadata) is good
