"""Delegation: a hosted zone's name servers are shown before a certificate waits for them.

ACM finds its proof only where the zone's parent leads to the zone: whoever owns the name must enter
its servers there, and must know them for that (ACM user guide, "DNS validation"). Terraform would
print them at its end, which is after that wait.
"""

from __future__ import annotations

from typing import Any

from seatrial.events import Note
from seatrial.ops.release.operation import Operation
from seatrial.resources.graph import Graph

ZONE, WAIT = ("aws_route53_zone", "main"), ("aws_acm_certificate_validation", "main")
MINUTES = 75  # that the provider waits for a certificate


def delegate(work: Operation, wanted: Graph, body: dict[str, Any]) -> None:
    """Make the zone first where the app has one made, and say its name servers."""
    zone, held = wanted.by_address.get(ZONE), work.roots.held("foundation")
    if zone is None or zone.data or ".".join(WAIT) in held:
        return
    if ".".join(ZONE) not in held:
        with work.steps.step("zone"):
            work.roots.apply("foundation", body, {}, targets=(".".join(ZONE),))
    servers = work.roots.outputs()["route53_zone_main"]["name_servers"]
    text = (
        f"enter the name servers of {zone.body['name']} at its registrar, or in its parent zone: "
        f"{', '.join(servers)}; the certificate waits for them, {MINUTES} minutes at most"
    )
    work.emit(Note(text, warning=True))
