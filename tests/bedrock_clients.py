"""boto3 as a client of an emulator's Bedrock, for the tests of all of its APIs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from seatrial_emulator import process
from seatrial_emulator.process import RunningEmulator, Settings

MODEL = "anthropic.claude-haiku-4-5-20251001-v1:0"
EMBEDDING = "arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-text-v2:0"
# What a role needs that reads the bucket `knowledge` for a knowledge base.
ALLOWED = {
    "s3:ListBucket": "arn:aws:s3:::knowledge",
    "s3:GetObject": "arn:aws:s3:::knowledge/docs/*",
    "bedrock:InvokeModel": EMBEDDING,
    "secretsmanager:GetSecretValue": "*",
}


def said(text: str) -> list[dict[str, Any]]:
    """Return a conversation of one turn."""
    return [{"role": "user", "content": [{"text": text}]}]


def client_of(running: RunningEmulator, service: str, **keys: str) -> Any:
    """Return a client that sends each request once."""
    own = {
        "aws_access_key_id": running.access_key,
        "aws_secret_access_key": running.secret_key,
    }
    return boto3.client(
        service,
        region_name="us-east-1",
        endpoint_url=running.endpoint,
        config=Config(retries={"total_max_attempts": 1}),
        **(keys or own),
    )


@contextmanager
def running(folder: Path, **settings: str) -> Iterator[RunningEmulator]:
    """Run an emulator with something behind its models."""
    found, child = process.start(Settings(folder=str(folder), **settings))
    try:
        yield found
    finally:
        process.end(child, folder)


def events(answer: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return a stream's events."""
    return [row for event in answer["stream"] for row in event.items()]


def text_of(found: list[tuple[str, Any]]) -> str:
    deltas = [body["delta"] for kind, body in found if kind == "contentBlockDelta"]
    return "".join(delta.get("text", "") for delta in deltas)


def refusal(call: Callable[[], Any]) -> tuple[str, str]:
    """Return code and message of a call that is refused."""
    with pytest.raises(ClientError) as caught:
        call()
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def role(account: RunningEmulator, name: str, allowed: dict[str, str]) -> str:
    """Make a role that Bedrock may take; return its ARN."""
    iam = client_of(account, "iam")
    take = {
        "Effect": "Allow",
        "Principal": {"Service": "bedrock.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    trust = json.dumps({"Version": "2012-10-17", "Statement": [take]})
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    rows = [{"Effect": "Allow", "Action": a, "Resource": r} for a, r in allowed.items()]
    policy = json.dumps({"Version": "2012-10-17", "Statement": rows})
    iam.put_role_policy(RoleName=name, PolicyName="x", PolicyDocument=policy)
    return str(made)


def storage(account: RunningEmulator, name: str = "pinecone") -> dict[str, Any]:
    """Return a vector store with Pinecone, whose key a secret holds."""
    arn = client_of(account, "secretsmanager").describe_secret(SecretId=name)["ARN"]
    return {
        "type": "PINECONE",
        "pineconeConfiguration": {
            "connectionString": "https://x.svc.pinecone.io",
            "credentialsSecretArn": arn,
            "fieldMapping": {"textField": "text", "metadataField": "metadata"},
        },
    }


def base(account: RunningEmulator, name: str, **other: Any) -> dict[str, Any]:
    """Return what creates a knowledge base."""
    vector = {
        "type": "VECTOR",
        "vectorKnowledgeBaseConfiguration": {"embeddingModelArn": EMBEDDING},
    }
    return {
        "name": name,
        "roleArn": "arn:aws:iam::123456789012:role/reads",
        "knowledgeBaseConfiguration": vector,
        "storageConfiguration": storage(account),
        **other,
    }


def made(account: RunningEmulator, name: str, **other: Any) -> dict[str, str]:
    """Create a knowledge base with a data source; return how calls name both."""
    agent = client_of(account, "bedrock-agent")
    found = agent.create_knowledge_base(**base(account, name, **other))["knowledgeBase"]
    one = {"knowledgeBaseId": found["knowledgeBaseId"]}
    bucket = {"bucketArn": "arn:aws:s3:::knowledge", "inclusionPrefixes": ["docs/"]}
    source = agent.create_data_source(
        **one, name="docs", dataSourceConfiguration={"type": "S3", "s3Configuration": bucket}
    )["dataSource"]
    return one | {"dataSourceId": source["dataSourceId"]}


def synced(account: RunningEmulator, both: dict[str, str]) -> dict[str, Any]:
    """Run an ingestion job to its end; return it."""
    agent = client_of(account, "bedrock-agent")
    job = agent.start_ingestion_job(**both)["ingestionJob"]
    assert job["status"] == "STARTING"
    for _ in range(100):
        found = agent.get_ingestion_job(**both, ingestionJobId=job["ingestionJobId"])
        if found["ingestionJob"]["status"] in ("COMPLETE", "FAILED"):
            return dict(found["ingestionJob"])
        time.sleep(0.05)
    raise AssertionError(found)
