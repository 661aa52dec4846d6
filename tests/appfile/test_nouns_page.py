"""The snippets of the pages are app files: what a reader copies is accepted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from seatrial.appfile import load
from seatrial.resources.catalog import graph

PAGE = Path(__file__).parents[2] / "docs" / "nouns.md"
FILES = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
# A snippet of another file begins with its name.
SNIPPETS = [text for text in FILES if not text.startswith("# rehearsal/")]
# What a snippet leaves to the rest of a file.
REST = {
    "agents": "models: {writer: us.anthropic.claude-haiku-4-5-20251001-v1:0, "
    "embedder: amazon.titan-embed-text-v2:0}\nbuckets: {manuals: {files: ./manuals}}\n"
    "secrets: {pinecone: {arn: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:p-a1B2c3'}}\n"
    "knowledge: {docs: {bucket: manuals, embedding: embedder, store: {pinecone: "
    "'https://docs-x1.svc.pinecone.io', secret: pinecone}}}\n"
    "guardrails: {safe: {profanity: true}}\n"
}
API = "  api: {build: ./api, command: run, port: 8000, public: [/, /api]}\n"


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda text: text.split(":", 1)[0])
def test_every_snippet_of_the_nouns_page_is_valid(tmp_path, snippet):
    """With an app's head, and a service where the snippet has none, it makes a graph."""
    for name in ("api", "worker", "web", "config", "infra", "manuals"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "Dockerfile").touch()
    (tmp_path / "infra" / "extra.tf").write_text("")
    services = "" if "services:" in snippet else f"services:\n{API}"
    path = tmp_path / "seatrial.yml"
    rest = REST.get(snippet.split(":", 1)[0], "")
    path.write_text(f"app: page\nregion: us-east-1\n{services}{rest}{snippet}")
    file = load.read(path)
    assert [str(problem) for problem in load.check(file)] == []
    assert graph(load.app_for(file, "dev")).resources
