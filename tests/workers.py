"""Which tests may run beside each other: what `pytest -n` gives to one worker, in order.

A file's tests stay together, since many build on one rehearsal; some files share one; and the tests
of others share nothing. (xdist's own groups by marks need a pytest older than 9.2.)
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

HELLO = "the rehearsal of hello"
SHARED = {
    "tests/end_to_end/test_hello.py": HELLO,
    "tests/end_to_end/test_autoscaling.py": HELLO,
    "tests/fidelity/test_ecs.py": HELLO,
}
# Their tests start all that they need, each for itself.
APART = {
    "tests/end_to_end/test_apply.py",
    "tests/end_to_end/test_up.py",
    "tests/golden/test_golden.py",
    "tests/golden/test_security.py",
    "tests/mutations/test_mutations.py",
    "tests/trial/test_trial.py",
}


class ByWhatTheyShare(LoadScopeScheduling):  # type: ignore[misc]
    """Gives tests that share something to one worker."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return nodeid if file in APART else SHARED.get(file, file)
