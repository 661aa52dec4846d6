"""Documents of knowledge bases are read again where their bucket changed."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from apps import ON_BEDROCK
from canned import answers, refused
from seatrial.events import Event, Note
from seatrial.model.app import App
from seatrial.ops import ingestion
from seatrial.ops.release.operation import Operation
from seatrial.resources.catalog import graph
from seatrial.terraform.document import handle


@pytest.fixture
def bucket(work: Operation, app: Callable[[str], App]) -> str:
    """Let the verb work on an app with a knowledge base; return the bucket of its documents."""
    whole = graph(app(ON_BEDROCK))
    work.roots = SimpleNamespace(graph=whole)  # type: ignore[assignment]
    source = next(r for r in whole.resources if r.type == ingestion.SOURCE)
    names = {"knowledge_base_id": "K" * 10, "data_source_id": "D" * 10}
    work.values["foundation"] = {handle(source): names}
    return ingestion._bucket(source)


@pytest.mark.parametrize(
    ("earlier", "changed", "started"), [(0, False, True), (1, False, False), (1, True, True)]
)
def test_a_job_starts_for_a_changed_bucket_and_where_there_was_none(
    work: Operation, bucket: str, earlier: int, changed: bool, started: bool
):
    """Otherwise nothing is read again."""
    jobs: list[dict[str, Any]] = [{}] * earlier
    called = answers(
        work.session, "bedrock-agent", ListIngestionJobs={"ingestionJobSummaries": jobs},
        StartIngestionJob={},
    )  # fmt: skip
    ingestion.start(work, {bucket} if changed else set())
    assert ("StartIngestionJob" in called) is started


def test_a_job_that_runs_already_is_a_warning(work: Operation, bucket: str, events: list[Event]):
    """The deploy goes on: answers are the old ones until a job has read the documents."""
    answers(work.session, "bedrock-agent", StartIngestionJob=refused("ConflictException"))
    ingestion.start(work, {bucket})
    (note,) = [event for event in events if isinstance(event, Note)]
    assert note.warning
    assert "reads its documents already" in note.text
