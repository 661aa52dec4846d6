"""Failures that come before a task runs, or with a site's build: their cause and their fix."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from seatrial.diagnosis.catalogue import fix_of
from seatrial.errors import UserError
from seatrial.ops import sites


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        ("ResourceInitializationError: ... can't find the specified secret value", "secret set"),
        ("ResourceInitializationError: ... did not contain json key jwt", "every key"),
        ("AccessDeniedException: ... secretsmanager:GetSecretValue", "role"),
        ("CannotPullContainerError: failed to resolve ref x: not found", "verify"),
        ("exec /app: exec format error", "services.web.platform"),
        ("OutOfMemoryError: Container killed due to memory usage", "services.web.memory"),
        ("FATAL: sorry, too many clients already", "pool"),
        ("Capacity is unavailable at this time", "no room"),
    ],
)
def test_the_fix_names_what_ecs_reports(reason, word):
    """A migration and a service that could not start get the fix of their reason, not a guess."""
    assert word in fix_of(reason, "web")
    assert fix_of("Essential container in task exited", "web") == ""


def test_an_early_line_that_names_the_error_is_shown():
    """npm's own last lines do not hide what its program wrote before them."""
    lines = ["> build", "src/a.ts(3,1): error TS2304: Cannot find name 'x'."]
    lines += [f"npm notice {n}" for n in range(20)]
    shown = sites._shown(lines)
    assert "TS2304" in shown[0]
    assert shown[-1] == "npm notice 19"
    assert sites._shown(["a", "b"]) == ["a", "b"]


def test_a_site_that_cannot_be_built_fails_before_anything_is_created(app, monkeypatch):
    """A command that ends soon ends the deploy; a slow one goes on beside the foundation."""
    found = app("app: a\nregion: us-east-1\nsites: {web: {build: ./api, command: 'npm run build'}}")
    failed: Future[dict[str, sites.BuiltSite]] = Future()
    failed.set_exception(UserError.of("build-site", "it failed", "Fix it."))
    with pytest.raises(UserError, match="it failed"):
        sites.await_failure(failed, found)
    monkeypatch.setattr(sites, "QUICK", 0.05)
    sites.await_failure(Future(), found)
