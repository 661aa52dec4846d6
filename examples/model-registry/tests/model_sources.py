"""A small Hugging Face and a small GitHub on 127.0.0.1, for tests of the model registry.

The paths and the shapes of answers are those of the two services' HTTP APIs; the content is made
up here. Tests that use it show how the registry asks and what it makes of answers, not that the
real services answer so.
"""

from __future__ import annotations

import base64
import io
import json
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

CARD = """---
license: apache-2.0
datasets: [bookcorpus, wikipedia]
pipeline_tag: fill-mask
language: en
model-index:
- name: bert-base-uncased
  results:
  - task: {type: text-classification}
    dataset: {type: glue, name: GLUE}
    metrics: [{type: accuracy, value: 0.79}]
---
# BERT base model (uncased)

A fixture card. The code is at https://github.com/google-research/bert, see also the
[paper](https://arxiv.org/abs/1810.04805). Unmistakable: zanzibar-quokka.

## How to use

```python
from transformers import pipeline
unmasker = pipeline("fill-mask", model="bert-base-uncased")
unmasker("Hello I'm a [MASK] model.")
```

Install with `pip install transformers`.

## Evaluation results

| task | accuracy |
|------|----------|
| GLUE | 79.6 |
"""
TUNED = """---
license: mit
base_model: google-bert/bert-base-uncased
datasets: audience-data
---
# Audience classifier

Fine-tuned. No code here.
"""
MIT = """MIT License

Copyright (c) 2024

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction.

The above copyright notice and this permission notice shall be included in all copies.
"""


@dataclass
class Shelf:
    """What the two services hold; a test may change it."""

    models: dict[str, dict[str, bytes]] = field(default_factory=dict)
    datasets: dict[str, dict[str, Any]] = field(default_factory=dict)
    code: dict[str, dict[str, Any]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)  # paths that answer 500


def shelf() -> Shelf:
    """Return the fixtures."""
    made = Shelf()
    made.models["google-bert/bert-base-uncased"] = {
        "README.md": CARD.encode(),
        "config.json": json.dumps({"model_type": "bert", "hidden_size": 768}).encode(),
        "model.safetensors": b"\1" * 3_000_000,
        "pytorch_model.bin": b"\2" * 3_100_000,
        "LICENSE": b"Apache License\nVersion 2.0, January 2004\n",
    }
    made.models["parvk11/audience_classifier_model"] = {
        "README.md": TUNED.encode(),
        "config.json": json.dumps({"_name_or_path": "google-bert/bert-base-uncased"}).encode(),
        "model.safetensors": b"\3" * 1_000_000,
    }
    made.models["big/one"] = {"README.md": b"# big\n", "model.safetensors": b"\4" * 90_000_000}
    made.datasets["bookcorpus"] = {
        "license": "cc-by-4.0",
        "description": "words " * 120,
        "features": True,
        "files": {"README.md": b"# bookcorpus\n", "data.csv": b"a,b\n" * 1000},
    }
    made.code["google-research/bert"] = {
        "files": {"README.md": b"# BERT\n", "setup.py": b"", "tests/test_bert.py": b"",
                  ".github/workflows/ci.yml": b"", "LICENSE": b"", "run_glue.py": b"print()"},
        "license": "Apache-2.0",
        "authors": ["ada", "grace", "ada", "alan"],
        "approved": 2,
    }  # fmt: skip
    made.code["gnu/thing"] = {
        "files": {"README.md": b"", "main.c": b""},
        "license": "GPL-2.0",
        "authors": ["solo"],
        "approved": 0,
    }
    made.code["nobody/unlicensed"] = {"files": {"a.py": b""}, "license": None, "authors": []}
    return made


class _Handler(BaseHTTPRequestHandler):
    """Answers for both services, by path."""

    protocol_version = "HTTP/1.1"
    server: ModelSources

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        """Answer as GET does, without a body."""
        self.do_GET()

    def do_GET(self) -> None:
        """Answer."""
        path = unquote(urlsplit(self.path).path)
        self.server.requests.append(path)
        if path in self.server.shelf.broken:
            self._json({"error": "broken"}, 500)
            return
        words = [word for word in path.split("/") if word]
        if words[:1] == ["repos"]:
            self._github(words[1:])
        elif words[:1] == ["api"]:
            self._hub(words[1], words[2:])
        elif "resolve" in words:
            at = words.index("resolve")
            self._file(words[:at], "/".join(words[at + 2 :]))
        else:
            self._json({"error": "Not Found"}, 404)

    def _hub(self, kind: str, words: list[str]) -> None:
        shelf = self.server.shelf
        if "commits" in words:
            row = {"id": "c" * 40, "title": "t", "message": "", "date": "2024-01-01T00:00:00.000Z"}
            authors = [{"user": name} for name in ("ada", "grace")]
            self._json([row | {"authors": [author]} for author in authors])
            return
        name = "/".join(words)
        known: Any = shelf.models if kind == "models" else shelf.datasets
        if name not in known:
            self._json({"error": "Repository not found"}, 404, {"X-Error-Code": "RepoNotFound"})
            return
        row = known[name]
        files = row if kind == "models" else row["files"]
        answer = {
            "id": name,
            "sha": "a" * 40,
            "siblings": [{"rfilename": p, "size": len(b)} for p, b in files.items()],
            "downloads": 5,
            "likes": 1,
            "tags": [],
            "private": False,
            "gated": False,
        }
        if kind == "datasets":
            answer["description"] = row["description"]
            answer["cardData"] = {
                "license": row["license"],
                "size_categories": ["10K<n<100K"],
                **({"dataset_info": {"features": [{"name": "text"}]}} if row["features"] else {}),
            }
        self._json(answer)

    def _file(self, words: list[str], path: str) -> None:
        shelf = self.server.shelf
        if words[0] == "datasets":
            files = shelf.datasets["/".join(words[1:])]["files"]
        else:
            files = shelf.models["/".join(words)]
        self._send(files[path], "application/octet-stream")

    def _github(self, words: list[str]) -> None:
        name, rest = "/".join(words[:2]), words[2:]
        row = self.server.shelf.code.get(name)
        if row is None:
            self._json({"message": "Not Found"}, 404)
            return
        base = f"{self.server.address}/repos/{name}"
        author = [
            {"sha": f"{n:040d}", "author": {"login": a}, "commit": {"author": {"name": a}}}
            for n, a in enumerate(row["authors"])
        ]
        if not rest:
            self._json(
                {"full_name": name, "name": words[1], "url": base, "default_branch": "main",
                 "html_url": f"https://github.com/{name}"}
            )  # fmt: skip
        elif rest[:2] == ["git", "trees"]:
            tree = [
                {"path": p, "type": "blob", "size": len(b), "sha": "0" * 40}
                for p, b in row["files"].items()
            ]
            self._json({"sha": "0" * 40, "tree": tree, "truncated": False})
        elif rest == ["license"]:
            if row["license"] is None:
                self._json({"message": "Not Found"}, 404)
                return
            self._json(
                {"license": {"spdx_id": row["license"], "key": row["license"].lower()},
                 "content": base64.b64encode(MIT.encode()).decode(), "encoding": "base64"}
            )  # fmt: skip
        elif rest == ["readme"]:
            body = base64.b64encode(row["files"].get("README.md", b"")).decode()
            self._json({"content": body, "encoding": "base64", "path": "README.md"})
        elif rest == ["commits"]:
            self._json(author)
        elif rest == ["pulls"]:
            self._json(
                [
                    {"number": n, "url": f"{base}/pulls/{n}", "state": "closed",
                     "merged_at": "2024-01-01T00:00:00Z", "merge_commit_sha": f"{n:040d}",
                     "head": {"sha": "f" * 40}}
                    for n in range(row.get("approved", 0))
                ]
            )  # fmt: skip
        elif rest[:1] == ["pulls"] and rest[-1] == "reviews":
            self._json([{"id": 1, "state": "APPROVED"}])
        elif rest[:1] == ["zipball"]:
            self.send_response(302)
            self.send_header("Location", f"{base}/archive.zip")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif rest == ["archive.zip"]:
            made = io.BytesIO()
            with zipfile.ZipFile(made, "w") as archive:
                for path, body in row["files"].items():
                    archive.writestr(f"{words[1]}-main/{path}", body)
            self._send(made.getvalue(), "application/zip")
        else:
            self._json({"message": "Not Found"}, 404)

    def _json(self, body: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self._send(json.dumps(body).encode(), "application/json", status, headers)

    def _send(
        self, body: bytes, kind: str, status: int = 200, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in ({"Content-Type": kind} | (headers or {})).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            for at in range(0, len(body), 1 << 20):
                self.wfile.write(body[at : at + (1 << 20)])
                time.sleep(self.server.pause)


class ModelSources(ThreadingHTTPServer):
    """The running fixtures."""

    daemon_threads = True

    def __init__(self, host: str) -> None:
        super().__init__((host, 0), _Handler)
        self.shelf, self.requests = shelf(), []  # type: ignore[var-annotated]
        self.pause = 0.0  # seconds between two megabytes
        self.address = f"http://{host}:{self.server_port}"


@contextmanager
def model_sources(host: str = "127.0.0.1") -> Iterator[ModelSources]:
    """Serve the fixtures."""
    made = ModelSources(host)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        made.shutdown()
        made.server_close()
