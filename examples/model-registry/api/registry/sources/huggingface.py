"""Hugging Face over HTTP, through its client library."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from huggingface_hub import HfApi, hf_hub_url
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    HTTPError,
    RepositoryNotFoundError,
)
from huggingface_hub.utils import build_hf_headers, get_session

from registry.errors import NotFoundError, UnreachableError
from registry.scores.facts import Dataset, Facts
from registry.sources.port import (
    SECONDS,
    TEXT_LIMIT,
    Reference,
    clean,
    header,
    license_file,
    plain,
    read_json,
)
from registry.sources.zipping import archive

BLOCK = 1 << 20
COMMITS = 100


@contextmanager
def _errors() -> Iterator[None]:
    """Say what went wrong in the registry's own words."""
    try:
        yield
    except (RepositoryNotFoundError, HFValidationError) as error:
        raise NotFoundError("Hugging Face has no such repository") from error
    except GatedRepoError as error:
        raise UnreachableError("the repository is gated: its owner asks for a login") from error
    except (HfHubHTTPError, HTTPError, OSError, ValueError, KeyError) as error:
        raise UnreachableError(f"Hugging Face cannot be asked ({type(error).__name__})") from error


class HuggingFace:
    """Models and datasets of a hub."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.api = HfApi(endpoint=endpoint, token=False)

    def describe(self, reference: Reference, type_: str, url: str) -> Facts:
        """Return what the hub's API, the card and config.json say."""
        begun = time.perf_counter()
        with _errors():
            info = self._info(reference)
            files = {s.rfilename: int(s.size or 0) for s in info.siblings or ()}
            card = clean(
                self._text(reference, info.sha, "README.md", files).decode(errors="replace")
            )
            config = read_json(self._text(reference, info.sha, "config.json", files))
            adapter = read_json(self._text(reference, info.sha, "adapter_config.json", files))
            authors = self._authors(reference)
        metadata, text = header(card)
        named = info.card_data.to_dict() if info.card_data else {}
        tag = getattr(info, "pipeline_tag", None)
        return Facts(
            name=reference.name,
            type=type_,
            url=url,
            reference=(info.id or reference.path).lower(),
            revision=info.sha or "",
            card=text,
            metadata=plain({"pipeline_tag": tag, **named, **metadata}),
            config=adapter | config,
            files=files,
            license_text=self._license(reference, info.sha, files),
            authors=authors,
            spent={"source": time.perf_counter() - begun},
        )

    def bundle(self, reference: Reference, facts: Facts) -> Iterator[bytes]:
        """Yield one archive of every file, at the revision that was described."""
        return archive(
            (path, self._stream(reference, facts.revision, path)) for path in sorted(facts.files)
        )

    def dataset(self, name: str) -> Dataset:
        """Return what is known of a dataset that somebody named; raises UnreachableError."""
        reference = Reference("huggingface", "dataset", name, name.rpartition("/")[2])
        try:
            with _errors():
                info = self._info(reference)
        except NotFoundError:
            return Dataset(name=name)
        about: dict[str, Any] = info.card_data.to_dict() if info.card_data else {}
        described = about.get("dataset_info") or {}
        rows = described if isinstance(described, list) else [described]
        license_ = about.get("license")
        return Dataset(
            name=name,
            found=True,
            license=license_ if isinstance(license_, str) else None,
            card_words=len((info.description or "").split()),
            has_schema=any("features" in row for row in rows if isinstance(row, dict)),
            has_sizes=bool(about.get("size_categories"))
            or any("splits" in row for row in rows if isinstance(row, dict)),
        )

    def _info(self, reference: Reference) -> Any:
        ask = self.api.dataset_info if reference.type == "dataset" else self.api.model_info
        return ask(reference.path, files_metadata=True, timeout=SECONDS)

    def _authors(self, reference: Reference) -> dict[str, int]:
        kind = "dataset" if reference.type == "dataset" else "model"
        try:
            commits = self.api.list_repo_commits(reference.path, repo_type=kind)
        except HfHubHTTPError:
            return {}  # a hub may keep its history to itself
        return dict(Counter(author for c in commits[:COMMITS] for author in c.authors))

    def _text(
        self, reference: Reference, revision: str | None, path: str, files: dict[str, int]
    ) -> bytes:
        if path not in files or files[path] > TEXT_LIMIT:
            return b""
        return b"".join(self._stream(reference, revision, path))[:TEXT_LIMIT]

    def _license(self, reference: Reference, revision: str | None, files: dict[str, int]) -> str:
        path = license_file(files)
        if path is None:
            return ""
        with _errors():
            return clean(self._text(reference, revision, path, files).decode(errors="replace"))

    def _stream(self, reference: Reference, revision: str | None, path: str) -> Iterator[bytes]:
        kind = "dataset" if reference.type == "dataset" else None
        url = hf_hub_url(
            reference.path, path, repo_type=kind, revision=revision, endpoint=self.endpoint
        )
        headers = build_hf_headers(token=False)
        with (
            _errors(),
            get_session().stream(
                "GET", url, headers=headers, timeout=SECONDS, follow_redirects=True
            ) as answer,
        ):
            answer.raise_for_status()
            yield from answer.iter_bytes(BLOCK)
