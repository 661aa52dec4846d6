"""What a history shows: bus factor and reviewedness."""

from __future__ import annotations

import math

from registry.scores.facts import Facts


def bus_factor(facts: Facts) -> float | None:
    """1 - 1/e, where e = exp(-sum p ln p) is the number of people who share the work evenly.

    p is each author's part of the latest commits: of the linked code where its history is known,
    else of the artifact's own. One author gives 0, two 0.5, five 0.8. Unknown without a history.
    """
    code = facts.repository.authors if facts.repository else {}
    counts = [n for n in (code or facts.authors).values() if n > 0]
    if not counts:
        return None
    whole = sum(counts)
    effective = math.exp(-sum(n / whole * math.log(n / whole) for n in counts))
    return max(0.0, 1 - 1 / effective)


def reviewedness(facts: Facts) -> float | None:
    """The part of the code's latest commits that came by an approved pull request.

    reviewed / changes. Unknown without a repository or without its history; the contract writes
    that as -1.
    """
    code = facts.repository
    return code.reviewed / code.changes if code and code.changes else None
