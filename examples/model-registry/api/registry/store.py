"""What a running registry holds: settings, database, bucket, sources, counts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from registry.settings import Settings
from registry.sources.github import GitHub
from registry.sources.huggingface import HuggingFace
from seatrial_runtime import buckets, database, metrics, settings
from seatrial_runtime.buckets import Bucket


@dataclass
class Registry:
    """Everything that lives as long as the process."""

    settings: Settings
    engine: Engine
    bucket: Bucket
    hugging_face: HuggingFace
    github: GitHub
    window: metrics.Window = field(default_factory=metrics.Window)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a transaction; it is committed when the block ends well."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session


def open_registry() -> Registry:
    """Return the registry that the environment describes."""
    found = settings.load(Settings)
    github = GitHub(found.github_api, found.github_token and found.github_token.reveal())
    return Registry(
        found,
        database.engine(pool_size=found.pool, max_overflow=5, pool_timeout=20),
        buckets.bucket("models"),
        HuggingFace(found.hf_endpoint),
        github,
    )
