"""Which account is meant, and that a practice account's variables hold for such an account only."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers import EmulatorProcess
from seatrial.cloud import account
from seatrial.engine import provider
from seatrial.errors import CredentialsError, UsageError
from seatrial.ops.release.operation import connect
from seatrial.target import Target, loopback

FRONT = "http://127.0.0.1:8080"


@pytest.fixture
def practice(emulator: EmulatorProcess, monkeypatch: pytest.MonkeyPatch) -> EmulatorProcess:
    """Set what `seatrial practice` prints."""
    for name, value in {
        "AWS_ENDPOINT_URL": emulator.endpoint,
        "AWS_ACCESS_KEY_ID": emulator.access_key,
        "AWS_SECRET_ACCESS_KEY": emulator.secret_key,
        "AWS_EC2_METADATA_DISABLED": "true",
        account.PACE: "10",
        account.FRONT: FRONT,
    }.items():
        monkeypatch.setenv(name, value)
    return emulator


def target(wanted: str | None = None) -> Target:
    """Return the target that the environment's variables lead to."""
    return account.target("live", "us-east-1", wanted, Path("nowhere"))


@pytest.mark.usefixtures("practice")
def test_practice_account_is_a_target_with_its_pace_and_front():
    """Builds run as programs, pauses are shorter, the quick provider is used."""
    found = target()
    assert (found.pace, found.front, found.quick_provider) == (10, FRONT, True)
    assert found.runs_snapshots


@pytest.mark.usefixtures("practice")
def test_other_account_than_the_app_file_pins_is_refused():
    """Before anything is done."""
    with pytest.raises(CredentialsError, match="pins live to 210987654321"):
        target("210987654321")


@pytest.mark.usefixtures("practice")
@pytest.mark.parametrize("pace", ["nan", "inf", "-inf", "-1", "0", "ten", "1,5"])
def test_pace_that_is_not_a_positive_number_is_refused(monkeypatch: pytest.MonkeyPatch, pace: str):
    """With the variable's name and value."""
    monkeypatch.setenv(account.PACE, pace)
    with pytest.raises(UsageError, match=f"SEATRIAL_PACE is `{pace}`") as error:
        target()
    assert error.value.problems[0].code == "usage-practice"


@pytest.mark.usefixtures("practice")
@pytest.mark.parametrize("endpoint", ["", "https://aws.example.com", "http://10.0.0.7:4566"])
@pytest.mark.parametrize("left", [account.PACE, account.FRONT])
def test_practice_variables_with_another_endpoint_are_refused(
    monkeypatch: pytest.MonkeyPatch, endpoint: str, left: str
):
    """AWS itself, or an endpoint elsewhere: neither pace nor front may hold; nobody is asked."""
    for name in {account.PACE, account.FRONT} - {left}:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    with pytest.raises(UsageError, match=f"{left} is set for a practice account") as error:
        target()
    assert f"unset {left}" in error.value.problems[0].fix


@pytest.mark.usefixtures("practice")
def test_one_service_with_another_endpoint_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch):
    """AWS_ENDPOINT_URL_S3 has precedence for S3."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "https://s3.us-east-1.amazonaws.com")
    with pytest.raises(UsageError, match=r"AWS calls go to https://s3\.us-east-1"):
        target()


@pytest.mark.usefixtures("practice")
def test_front_elsewhere_is_refused(monkeypatch: pytest.MonkeyPatch):
    """The smoke test would ask somebody else's server."""
    monkeypatch.setenv(account.FRONT, "https://example.com")
    with pytest.raises(UsageError, match="not on this machine"):
        target()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:4566", True),
        ("http://127.8.8.8", True),
        ("http://[::1]:80/", True),
        ("http://localhost:4566", True),
        ("http://localhost.example.com", False),
        ("http://127.0.0.1.example.com", False),
        ("http://user@10.0.0.1", False),
        ("http://127.0.0.1@10.0.0.1", False),
        ("http://[bad", False),
        ("", False),
    ],
)
def test_loopback_is_judged_by_the_host(url: str, expected: bool):
    """Never by what only looks like it."""
    assert loopback(url) is expected


def test_quick_provider_is_refused_on_aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Its waits are AWS's there."""
    monkeypatch.setenv(provider.CHOICE, "quick")
    place = Target("live", "123456789012", "us-east-1", tmp_path)
    with pytest.raises(UsageError, match="practice accounts"), connect(place, lambda _: None):
        pass


def test_stock_provider_is_left_to_terraform(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Terraform starts it: there is nothing to reattach to."""
    monkeypatch.setenv(provider.CHOICE, "stock")
    place = Target("live", "1", "us-east-1", tmp_path, quick_provider=True, front=FRONT)
    with connect(place, lambda _: None) as here:
        assert here.provider.reattach() is None


def test_unknown_provider_is_refused(monkeypatch: pytest.MonkeyPatch):
    """With the words there are."""
    monkeypatch.setenv(provider.CHOICE, "slow")
    with pytest.raises(UsageError, match="SEATRIAL_PROVIDER is `slow`"):
        provider.choice()
