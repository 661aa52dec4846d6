"""Which tests may run beside each other: what `pytest -n` gives to one worker, in order.

A file's tests stay together, since many build on one rehearsal; some files share one; and the tests
of others share nothing. (xdist's own groups by marks need a pytest older than 9.2.)
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

HELLO = "the rehearsal of hello"
EMULATOR = "an emulator"
SHARED = {
    "tests/end_to_end/test_hello.py": HELLO,
    "tests/end_to_end/test_autoscaling.py": HELLO,
    "tests/fidelity/test_ecs.py": HELLO,
} | dict.fromkeys(
    (
        "tests/cli/test_cost.py",
        "tests/cloud/test_account.py",
        "tests/cloud/test_databases.py",
        "tests/cloud/test_registry.py",
        "tests/emulator/test_client_tokens.py",
        "tests/emulator/test_cloudfront.py",
        "tests/emulator/test_gate.py",
        "tests/emulator/test_iam.py",
        "tests/emulator/test_iam_policies.py",
        "tests/emulator/test_image_registry.py",
        "tests/emulator/test_patches.py",
        "tests/emulator/test_presigned.py",
        "tests/emulator/test_s3.py",
        "tests/emulator/test_validation.py",
        "tests/ops/test_error_paths.py",
        "tests/ops/test_lock.py",
        "tests/ops/test_restart.py",
        "tests/ops/test_verify.py",
    ),
    EMULATOR,
)
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
