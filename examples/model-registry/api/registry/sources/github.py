"""GitHub over HTTP, through PyGithub."""

from __future__ import annotations

import base64
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import requests
from github import Auth, Github, GithubException, UnknownObjectException

from registry.errors import NotFoundError, UnreachableError
from registry.scores.facts import Facts
from registry.scores.facts import Repository as Code
from registry.sources.port import SECONDS, TEXT_LIMIT, Reference, clean, header, plain

if TYPE_CHECKING:
    from github.Repository import Repository

COMMITS = 100
# Each looked-at pull request costs a call, and GitHub gives 60 an hour without a token (REST
# documentation, "Rate limits").
REVIEWS = 20
NOT_NAMED = ("NOASSERTION", "OTHER")


@contextmanager
def _errors() -> Iterator[None]:
    """Say what went wrong in the registry's own words."""
    try:
        yield
    except UnknownObjectException as error:
        raise NotFoundError("GitHub has no such repository") from error
    except GithubException as error:
        if error.status in (404, 451):
            raise NotFoundError("GitHub has no such repository") from error
        raise UnreachableError(f"GitHub answered {error.status}") from error
    except (requests.RequestException, OSError, ValueError, KeyError) as error:
        raise UnreachableError(f"GitHub cannot be asked ({type(error).__name__})") from error


class GitHub:
    """Repositories of GitHub."""

    def __init__(self, api: str, token: str | None = None) -> None:
        auth = Auth.Token(token) if token else None
        self.client = Github(
            base_url=api, auth=auth, timeout=int(SECONDS), retry=None, per_page=100,
            seconds_between_requests=None,
        )  # fmt: skip

    def describe(self, reference: Reference, type_: str, url: str) -> Facts:
        """Return what the API says of a repository."""
        begun = time.perf_counter()
        with _errors():
            repository = self.client.get_repo(reference.path)
            card = self._readme(repository)
            code, text = self._look(repository)
        metadata, body = header(card)
        return Facts(
            name=reference.name,
            type=type_,
            url=url,
            reference=(repository.full_name or reference.path).lower(),
            revision=repository.default_branch,
            card=body,
            metadata=plain(metadata),
            files=code.files,
            license_text=text,
            authors=code.authors,
            repository=code,
            linked_code=code.url,
            spent={"source": time.perf_counter() - begun},
        )

    def look(self, path: str) -> Code:
        """Return what is known of a repository that somebody linked."""
        with _errors():
            return self._look(self.client.get_repo(path))[0]

    def license(self, path: str) -> str | None:
        """Return the SPDX identifier of a repository's license, or None if it has none."""
        with _errors():
            return self._license(self.client.get_repo(path))[0]

    def bundle(self, reference: Reference, facts: Facts) -> Iterator[bytes]:
        """Yield the archive that GitHub makes of the default branch."""
        with _errors():
            repository = self.client.get_repo(reference.path, lazy=True)
            link = repository.get_archive_link("zipball", facts.revision)
            with requests.get(link, stream=True, timeout=SECONDS) as answer:
                answer.raise_for_status()
                yield from answer.iter_content(1 << 20)

    def _look(self, repository: Repository) -> tuple[Code, str]:
        tree = repository.get_git_tree(repository.default_branch, recursive=True).tree
        identifier, text = self._license(repository)
        commits = repository.get_commits()[:COMMITS]
        seen = [(c.sha, c.author.login if c.author else c.commit.author.name) for c in commits]
        return (
            Code(
                url=repository.html_url,
                files={row.path: row.size or 0 for row in tree if row.type == "blob"},
                license=identifier,
                authors=dict(Counter(name for _, name in seen)),
                changes=len(seen),
                reviewed=self._reviewed(repository, {sha for sha, _ in seen}),
            ),
            text,
        )

    def _reviewed(self, repository: Repository, commits: set[str]) -> int:
        """Count the commits that a pull request brought, where somebody approved it.

        A merge brings its own commit (merge_commit_sha), a squash too; commits under a merge are
        counted where they are among the pull request's head.
        """
        count = read = 0
        for pull in repository.get_pulls(state="closed", sort="updated", direction="desc")[:100]:
            if pull.merged_at is None or read >= REVIEWS:
                continue
            brought = {pull.merge_commit_sha, pull.head.sha} & commits
            if not brought:
                continue
            read += 1
            if any(review.state == "APPROVED" for review in pull.get_reviews()):
                count += len(brought)
        return count

    def _license(self, repository: Repository) -> tuple[str | None, str]:
        try:
            found = repository.get_license()
        except UnknownObjectException:
            return None, ""
        named = found.license.spdx_id if found.license else None
        text = clean(base64.b64decode(found.content or "").decode(errors="replace"))
        return (None if named in NOT_NAMED else named), text[:TEXT_LIMIT]

    def _readme(self, repository: Repository) -> str:
        try:
            raw = repository.get_readme().decoded_content[:TEXT_LIMIT]
        except UnknownObjectException:
            return ""
        return clean(raw.decode(errors="replace"))
