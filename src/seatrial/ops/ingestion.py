"""Documents of knowledge bases: read again after the files of their buckets changed."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from seatrial.cloud.session import aws_errors, code
from seatrial.events import Note
from seatrial.ops.release.operation import Operation
from seatrial.resources.graph import Resource
from seatrial.terraform.document import handle

SOURCE = "aws_bedrockagent_data_source"


def start(work: Operation, changed: set[str]) -> None:
    """Start a job for each data source of a changed bucket, and for each that never had one.

    Nobody waits for it: answers are the old ones until it is done, as when an object changes.
    """
    for resource in work.roots.graph.resources if work.roots.graph else ():
        outputs = work.values["foundation"].get(handle(resource), {})
        if resource.type == SOURCE and outputs:
            names = {
                "knowledgeBaseId": outputs["knowledge_base_id"],
                "dataSourceId": outputs["data_source_id"],
            }
            _one(work, resource, names, again=_bucket(resource) in changed)


def _bucket(resource: Resource) -> str:
    found: Any = resource.body["data_source_configuration"][0]["s3_configuration"][0]["bucket_arn"]
    return str(found.name)


def _one(work: Operation, resource: Resource, names: dict[str, str], *, again: bool) -> None:
    client = work.session.client("bedrock-agent")
    noun = resource.noun.partition(".")[2]
    with aws_errors(f"to read the documents of {noun}"):
        if not again and client.list_ingestion_jobs(**names)["ingestionJobSummaries"]:
            return
        try:
            client.start_ingestion_job(**names)
        except ClientError as error:
            if code(error) != "ConflictException":
                raise
            text = f"{noun}: a job reads its documents already; start another when it is done"
            work.emit(Note(text, warning=True))
            return
    work.emit(Note(f"{noun}: its documents are read"))
