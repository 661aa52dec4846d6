"""A knowledge base: what its role may read, who may ask it, which stores Bedrock takes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from apps import ON_BEDROCK
from seatrial.cost.case import Traffic
from seatrial.errors import AppFileError
from seatrial.model import knowledge
from seatrial.model.app import App
from seatrial.ops import cost
from seatrial.resources.catalog import graph
from seatrial.resources.graph import Graph, Ref, joined
from seatrial.schemas import store

Make = Callable[..., App]
PINECONE = "store: {pinecone: 'https://docs.svc.pinecone.io', secret: pinecone}"
CLUSTER = "arn:aws:rds:us-east-1:123456789012:cluster:vectors"
AURORA = f"store: {{aurora: '{CLUSTER}', database: kb, table: public.kb, secret: pinecone}}"


def statements(made: Graph, name: str) -> dict[str, Any]:
    """Return a policy's resources by the name of its statement."""
    policy = made.by_address["aws_iam_role_policy", name].body["policy"]
    return {row["Sid"]: row["Resource"] for row in policy.value["Statement"]}


@pytest.mark.G36
def test_the_role_reads_the_bucket_and_the_store_alone(app: Make):
    """One model, one bucket below its prefix, one secret; an Aurora cluster where it is one."""
    made = graph(app(ON_BEDROCK))
    bucket = Ref("aws_s3_bucket", "files", "arn")
    assert statements(made, "docs_knowledge_read") == {
        "Embedding": [Ref("aws_bedrock_foundation_model", "embedder", "model_arn")],
        "Bucket": [bucket],
        "Objects": [joined(bucket, "/docs/*")],
        "Store": [Ref("aws_secretsmanager_secret", "pinecone_found", "arn")],
    }
    made = graph(app(ON_BEDROCK.replace(PINECONE, AURORA)))
    assert statements(made, "docs_knowledge_read")["Vectors"] == [CLUSTER]
    (storage,) = made.by_address["aws_bedrockagent_knowledge_base", "docs"].body[
        "storage_configuration"
    ]
    assert storage["rds_configuration"][0]["table_name"] == "public.kb"


def test_users_ask_this_one_and_only_sync_starts_jobs(app: Make):
    """`docs` retrieves; `docs: sync` also starts jobs, and knows the data source."""
    base = [Ref("aws_bedrockagent_knowledge_base", "docs", "arn")]
    made = graph(app(ON_BEDROCK))
    found = statements(made, "api_task_docs_sync")
    assert found == {"Knowledge": base, "Answers": ["*"], "Sync": base}
    task = made.by_address["aws_ecs_task_definition", "api"].body["container_definitions"]
    names = {row["name"] for row in task.value[0]["environment"]}
    assert {"DOCS_KNOWLEDGE", "DOCS_SOURCE"} <= names
    made = graph(app(ON_BEDROCK.replace("docs: sync", "docs")))
    assert set(statements(made, "api_task_docs_ask")) == {"Knowledge", "Answers"}


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        (PINECONE, "store: db", "knowledge.docs.store", "never in an RDS instance"),
        (PINECONE, "store: {secret: pinecone}", "knowledge.docs.store", "either"),
        (
            CLUSTER,
            "arn:aws:rds:us-east-1:123456789012:db:x",
            "knowledge.docs.store.aurora",
            "no ARN of an Aurora cluster",
        ),
        ("database: kb, ", "", "knowledge.docs.store", "`database`"),
        ("{arn: ", "{kms: '', arn: '', x: ", "", ""),
        ("bucket: files", "bucket: filse", "knowledge.docs.bucket", "no bucket `filse`"),
        ("embedding: embedder", "embedding: writer", "knowledge.docs.embedding", "no embeddings"),
        ("region: us-east-1", "region: us-west-1", "knowledge", "no knowledge bases in us-west-1"),
    ],
)
def test_what_bedrock_refuses_is_refused(app: Make, old: str, new: str, key: str, words: str):
    """The app's own database cannot hold vectors: the hint names what can."""
    text = ON_BEDROCK + "databases: {db: {version: 16}}\n"
    text = text.replace(PINECONE, AURORA) if old in AURORA else text
    with pytest.raises(AppFileError) as raised:
        app(text.replace(old, new))
    found = {problem.key: problem.message for problem in raised.value.problems}
    assert not key or key in found, json.dumps(found)
    assert words in found.get(key, "")


def test_a_secret_that_the_deploy_would_make_is_refused(app: Make):
    """Bedrock asks the store while the foundation is made: there is no value yet."""
    arn = "{arn: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:pinecone-a1B2c3'}"
    with pytest.raises(AppFileError) as raised:
        app(ON_BEDROCK.replace(arn, "{keys: [apiKey]}"))
    (problem,) = raised.value.problems
    assert problem.key == "knowledge.docs.store.secret"
    assert "`apiKey`" in problem.fix


def test_regions_without_knowledge_bases_are_aws_own():
    """The list is cfn-lint's."""
    folder = store._folder() / "providers"
    lacking = {
        path.stem
        for path in folder.glob("*-*.json")
        if "AWS::Bedrock::KnowledgeBase" not in json.loads(path.read_bytes())
    }
    assert lacking == knowledge.NOT_OFFERED


def test_pinecones_plan_is_a_line(app: Make):
    """Once; a cluster that is there already costs nothing more here."""

    def paid(text: str) -> dict[str, float]:
        found = cost.estimate(app(text), Traffic())
        return {row.item: row.monthly for row in found.lines if row.noun == "knowledge.docs"}

    assert paid(ON_BEDROCK) == {"Pinecone's plan, at least": 50.0}
    assert paid(ON_BEDROCK.replace(PINECONE, AURORA)) == {}
