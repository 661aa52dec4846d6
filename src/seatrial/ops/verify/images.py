"""Is every finished image there, for the service's platform? (doctor catalogue, D01, D02, D05.)"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.cloud import registry
from seatrial.ops.verify.finding import Case, Finding

# An image in ECR: account, region, repository, and its digest or tag.
_OURS = re.compile(r"^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com/([^@:]+)[@:](.+)$")
PLATFORMS = {"x86_64": "amd64", "arm64": "arm64"}


def check(case: Case) -> Iterator[Finding]:
    """Look for the images that services name; images of builds are pushed by the deploy."""
    for name, service in sorted(case.app.services.items()):
        match = _OURS.match(service.image or "")
        if not match:
            continue
        here = (case.session.target.account, case.session.target.region)
        if match.group(1, 2) != here:
            continue  # another account's registry answers its own tasks, not us
        platforms = registry.platforms(case.session, match[3], match[4])
        if platforms is None:
            yield _finding(name, "does not exist", f"{match[3]} has no image {match[4]}")
        elif platforms and PLATFORMS[service.platform] not in platforms:
            yield _finding(
                name, f"is not for {service.platform}", f"it is for {', '.join(sorted(platforms))}"
            )


def _finding(name: str, what: str, evidence: str) -> Finding:
    return Finding(
        code="verify-image",
        severity="error",
        title=f"the image of `{name}` {what}",
        evidence=evidence,
        cause="A task whose image cannot be pulled or run does not start.",
        fix="Push it for the service's `platform`, or name an existing image.",
        key=f"services.{name}.image",
    )
