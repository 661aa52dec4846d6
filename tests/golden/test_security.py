"""Second opinions on the generated Terraform: checkov on its plan, parliament on its policies."""

from __future__ import annotations

import json
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import scan
from scan import Failure, Skip

PARLIAMENT = "parliament==1.6.4"


@pytest.mark.G57
@pytest.mark.slow
def test_checkov_finds_nothing_that_was_not_reviewed():
    """Every example, environment and resource; a skip that nothing needs is an error as well."""
    known = scan.skips()
    needed: set[Skip] = set()
    met: set[str] = set()

    def one(row: tuple[str, str, object]) -> list[str]:
        name, profile, made = row
        count, passed, failed = scan.checkov(made)
        assert count == sum(1 for r in made.resources if not r.data), name
        assert len(passed) > 2 * len(failed), name
        covering = {f: [s for s in known if s.covers(f, profile)] for f in failed}
        met.update(passed)
        needed.update(skip for rows in covering.values() for skip in rows)
        return [f"{name}: {f.check} {f.address}" for f, rows in covering.items() if not rows]

    with ThreadPoolExecutor(2) as pool:
        wrong = [text for rows in pool.map(one, scan.graphs()) for text in rows]
    assert wrong == []
    assert [skip.check for skip in known if skip not in needed] == []
    promised = {c for row in scan.controls() for c in re.findall(r"CKV2?_AWS_\d+", row["check"])}
    assert promised - met == set()


def test_every_skip_has_a_reason_that_says_something():
    """A sentence, and no check twice for the same place."""
    known = scan.skips()
    assert all(len(skip.reason) > 25 and skip.reason.endswith(".") for skip in known)
    places = [(skip.check, skip.on, skip.profile) for skip in known]
    assert len(places) == len(set(places))


def test_a_skip_covers_its_place_and_profile_alone():
    """Another check, another address or another profile is not skipped."""
    skip = Skip("CKV_AWS_1", "aws_lb.*", "Because it is a test of skips.", "development")
    assert skip.covers(Failure("CKV_AWS_1", "aws_lb.main", ""), "development")
    assert not skip.covers(Failure("CKV_AWS_1", "aws_lb.main", ""), "production")
    assert not skip.covers(Failure("CKV_AWS_2", "aws_lb.main", ""), "development")
    assert not skip.covers(Failure("CKV_AWS_1", "aws_vpc.main", ""), "development")


@pytest.mark.G32
def test_stars_stand_only_where_aws_has_nothing_narrower():
    """No action is a star, and the one resource that is belongs to the registry's token."""
    found = set()
    for name, _, made in scan.graphs():
        for address, document in scan.policies(made):
            for statement in document["Statement"]:
                actions = statement["Action"]
                actions = [actions] if isinstance(actions, str) else actions
                assert not any("*" in action for action in actions), (name, address)
                if "*" in statement["Resource"]:
                    found.update(actions)
    assert found == {"ecr:GetAuthorizationToken"}


@pytest.mark.slow
def test_parliament_knows_every_action_and_finds_no_mistake(tmp_path):
    """Actions exist, and resources have the form that their actions take."""
    documents = {
        json.dumps(document, sort_keys=True)
        for _, _, made in scan.graphs()
        for _, document in scan.policies(made)
    }
    for index, text in enumerate(sorted(documents)):
        (tmp_path / f"{index}.json").write_text(text)
    words = scan.tool("parliament", PARLIAMENT, "setuptools<81")
    done = subprocess.run(
        [*words, "--directory", str(tmp_path), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert len(documents) > 10
    found = [json.loads(line) for line in done.stdout.splitlines() if line.strip()]
    assert [row for row in found if not _alternative(row)] == []
    assert "Traceback" not in done.stderr, done.stderr


def _alternative(row: dict[str, Any]) -> bool:
    """Say whether parliament wants every kind of resource where one is enough: InvokeModel takes a
    model or a profile or six others, and it knows no alternatives.
    """
    detail = row["detail"]
    return row["issue"] == "RESOURCE_MISMATCH" and {
        wanted["action"].partition("WithResponseStream")[0] for wanted in detail
    } == {"bedrock:InvokeModel"}
