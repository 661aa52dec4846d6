"""May the account call the app's models? A missing access shows only when somebody asks one."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.cloud import models
from seatrial.cloud.models import Availability
from seatrial.model.model import Model
from seatrial.ops.verify.finding import Case, Finding


def check(case: Case) -> Iterator[Finding]:
    """Ask for each profile, then for the model behind it."""
    for name, model in sorted(case.app.models.items()):
        if model.geography and not models.has_profile(case.session, model.bedrock):
            yield _missing(case, name, f"there is no inference profile {model.bedrock}")
            continue
        found = models.availability(case.session, model.model_id)
        if found.region != "AVAILABLE" and not model.geography:
            yield _missing(case, name, f"there is no model {model.model_id}")
        elif not found.good and found.authorization:
            yield _closed(name, model, found)


def _missing(case: Case, name: str, what: str) -> Finding:
    return Finding(
        code="verify-model",
        severity="error",
        title=what,
        evidence=f"asked in {case.session.target.region}",
        cause="Each region offers models and profiles of its own.",
        fix="Take an ID that `aws bedrock list-foundation-models` or "
        "`aws bedrock list-inference-profiles` shows there.",
        key=f"models.{name}.bedrock",
    )


def _closed(name: str, model: Model, found: Availability) -> Finding:
    return Finding(
        code="verify-model",
        severity="warning",
        title=f"the account has no access to {model.model_id}",
        evidence=f"authorization {found.authorization}, entitlement {found.entitlement}, "
        f"agreement {found.agreement}",
        cause="Some models want their provider's terms accepted once in an account.",
        fix="Accept them in the Bedrock console under Model catalog; calls are refused until then.",
        key=f"models.{name}.bedrock",
    )
