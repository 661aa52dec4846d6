"""One row of what a rehearsal shows of AWS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# What checks a row. "model": AWS's own description of its API or of its resources (botocore's,
# cfn-lint's) decides it; "table": facts that no model holds, each with the page it was read in.
Source = Literal["model", "table"]


@dataclass(frozen=True)
class Behaviour:
    """One behaviour: how AWS does it and by which source, what happens here, and which test.

    ``missing`` is the sentence of the reports where this is not, or not wholly, rehearsed;
    ``in_containers`` where it is rehearsed once tasks are containers.
    """

    what: str
    aws: str
    source: str
    here: str
    test: str = ""
    missing: str = ""
    in_containers: bool = False
    sections: tuple[str, ...] = ()  # of the app file that it concerns; none: every app
    sources: tuple[Source, ...] = ()
    on_aws: str = ""  # the day on which a run against an account confirmed it (``make aws``)

    @property
    def checked_by(self) -> str:
        """Return what checks this row: models, tables, the test here, and a run against AWS."""
        here = ("test here",) if self.test else ()
        return ", ".join((*self.sources, *here, f"AWS ({self.on_aws or 'never yet'})"))
