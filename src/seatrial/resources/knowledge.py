"""A knowledge base on Bedrock: a role that reads its bucket, the store's key, and the source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatrial.model.app import App
from seatrial.model.knowledge import KIND, Knowledge, Store
from seatrial.model.service import Service, Use
from seatrial.resources import access
from seatrial.resources.context import Context, foundation
from seatrial.resources.graph import Joined, Ref, Resource, joined
from seatrial.resources.kind import DATA, Arrow, Grant, Node, ResourceKind, Value

LIMIT = 100  # characters of a name (agents API reference, CreateKnowledgeBase)
BASE, SOURCE = "aws_bedrockagent_knowledge_base", "aws_bedrockagent_data_source"
SYNC = ("bedrock:StartIngestionJob", "bedrock:GetIngestionJob", "bedrock:ListIngestionJobs")
DATA_API = ("rds-data:ExecuteStatement", "rds-data:BatchExecuteStatement")
_ATTRIBUTES = {"id": (BASE, "id"), "arn": (BASE, "arn"), "source": (SOURCE, "data_source_id")}
# The columns and fields of the user guide's own examples ("Prerequisites for using a vector store
# you created for a knowledge base").
COLUMNS = {
    "primary_key_field": "id",
    "vector_field": "embedding",
    "text_field": "chunks",
    "metadata_field": "metadata",
}
FIELDS = {"text_field": "text", "metadata_field": "metadata"}


def attribute(noun: str, name: str) -> Ref:
    """Return an attribute of a knowledge base."""
    type_, found = _ATTRIBUTES[name]
    return Ref(type_, noun, found)


def build(context: Context) -> Iterator[Resource]:
    """Yield every knowledge base with its role and its data source."""
    for noun, knowledge in sorted(context.app.knowledge.items()):
        yield from _one(context, noun, knowledge)


def _one(context: Context, noun: str, knowledge: Knowledge) -> Iterator[Resource]:
    owner, role = f"knowledge.{noun}", f"{noun}_knowledge"
    yield access.role(context, owner, role, access.trust(context, "bedrock", "bedrock"))
    read = access.grant(owner, role, "read", access.policy(*_reads(context, knowledge)))
    yield read
    vector = {"embedding_model_arn": _embedding(knowledge)}
    yield foundation(
        owner,
        BASE,
        noun,
        read.ref(),
        name=context.fitted(LIMIT, noun),
        role_arn=Ref("aws_iam_role", role, "arn"),
        knowledge_base_configuration=[
            {"type": "VECTOR", "vector_knowledge_base_configuration": [vector]}
        ],
        storage_configuration=[_storage(context, knowledge.store)],
    )
    bucket: dict[str, Any] = {"bucket_arn": Ref("aws_s3_bucket", knowledge.bucket, "arn")}
    if knowledge.prefix:
        bucket["inclusion_prefixes"] = [knowledge.prefix]
    yield foundation(
        owner,
        SOURCE,
        noun,
        name=context.fitted(LIMIT, noun),
        knowledge_base_id=attribute(noun, "id"),
        # What lies in the store goes with the source; a store that is gone itself holds nobody up.
        data_deletion_policy="RETAIN" if knowledge.store.aurora else "DELETE",
        data_source_configuration=[{"type": "S3", "s3_configuration": [bucket]}],
        vector_ingestion_configuration=[{"chunking_configuration": [_chunking(knowledge)]}],
    )


def _embedding(knowledge: Knowledge) -> Ref:
    return Ref("aws_bedrock_foundation_model", knowledge.embedding, "model_arn")


def _chunking(knowledge: Knowledge) -> dict[str, Any]:
    fixed = {
        "max_tokens": knowledge.chunks.tokens,
        "overlap_percentage": knowledge.chunks.overlap,
    }
    return {"chunking_strategy": "FIXED_SIZE", "fixed_size_chunking_configuration": [fixed]}


def _secret(context: Context, store: Store) -> Value:
    """Return the ARN of a store's secret, which its own noun knows."""
    kind = context.kind_of(store.secret)
    if kind is None:
        raise LookupError(store.secret)
    return kind.attribute(context, store.secret, "arn")


def _storage(context: Context, store: Store) -> dict[str, Any]:
    secret = {"credentials_secret_arn": _secret(context, store)}
    if store.pinecone:
        name = {"namespace": store.namespace} if store.namespace else {}
        index = {"connection_string": store.pinecone, "field_mapping": [FIELDS]}
        return {"type": "PINECONE", "pinecone_configuration": [index | secret | name]}
    cluster = {
        "resource_arn": store.aurora,
        "database_name": store.database,
        "table_name": store.table,
        "field_mapping": [COLUMNS],
    }
    return {"type": "RDS", "rds_configuration": [cluster | secret]}


def _reads(context: Context, knowledge: Knowledge) -> Iterator[dict[str, Any]]:
    """Yield what the role may (user guide, "Create a service role for knowledge bases")."""
    bucket = Ref("aws_s3_bucket", knowledge.bucket, "arn")
    objects: Joined = joined(bucket, f"/{knowledge.prefix}*")
    yield access.allow("bedrock:InvokeModel", _embedding(knowledge), sid="Embedding")
    yield access.allow("s3:ListBucket", bucket, sid="Bucket")
    yield access.allow("s3:GetObject", objects, sid="Objects")
    secret, store = context.app.secrets[knowledge.store.secret], knowledge.store
    arn = _secret(context, store)
    yield access.allow("secretsmanager:GetSecretValue", arn, sid="Store")
    if secret.kms:
        yield access.allow("kms:Decrypt", secret.kms, sid="Key")
    if store.aurora:
        yield access.allow(DATA_API, store.aurora, sid="Vectors")
        yield access.allow("rds:DescribeDBClusters", store.aurora, sid="Cluster")


def _grants(_context: Context, _: Service, use: Use) -> Iterator[Grant]:
    """RetrieveAndGenerate knows no resource (service authorization reference, Amazon Bedrock)."""
    base = attribute(use.name, "arn")
    statements = [
        access.allow("bedrock:Retrieve", base, sid="Knowledge"),
        access.allow("bedrock:RetrieveAndGenerate", "*", sid="Answers"),
    ]
    if use.access == "sync":
        statements.append(access.allow(SYNC, base, sid="Sync"))
    yield Grant("task", f"{use.name}_{use.access or 'ask'}", tuple(statements))


def _nodes(app: App) -> Iterator[Node]:
    for name in sorted(app.knowledge):
        yield Node(name, "data", DATA, name, "knowledge base")


def _arrows(app: App) -> Iterator[Arrow]:
    for name, knowledge in sorted(app.knowledge.items()):
        yield name, knowledge.bucket


RESOURCES = ResourceKind(
    of=KIND,
    build=build,
    attribute=lambda _, noun, name: attribute(noun, name),
    grants=_grants,
    nodes=_nodes,
    arrows=_arrows,
    endpoints=("bedrock-agent", "bedrock-agent-runtime"),
)
