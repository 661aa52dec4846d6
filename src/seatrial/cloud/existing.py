"""Does a resource that Terraform would create exist already? Its import ID where it does.

Asked only after a Terraform was killed in the middle of its calls: what AWS made and no state knows
is found by name and by the environment's tags. Import IDs are those of the AWS provider's
documentation, section "Import" of each resource.
"""

from __future__ import annotations

from pkgutil import iter_modules
from typing import Any

from botocore.exceptions import ClientError

from seatrial.cloud import finders
from seatrial.cloud.finder import Body, Finder, Tags
from seatrial.cloud.finders import alarms, bedrock, cluster, edge, network
from seatrial.cloud.session import Session, aws_errors, code
from seatrial.resources.catalog import KINDS
from seatrial.resources.kind import Tagged

_ABSENT = ("NotFound", "NoSuch", "DoesNotExist", "NonExistent", "Nonexistent", "NotExist")


class _PointlessError(LookupError):
    """What a resource would be found by is not known yet, so the resource is not there either."""


class _Known(dict[str, Any]):
    """A body of which only what is known can be asked for."""

    def __getitem__(self, key: str) -> Any:
        found = super().__getitem__(key)
        if found is None:
            raise _PointlessError(key)
        return found


def find(session: Session, kind: str, body: Body, mine: Tags) -> str | None:
    """Return the import ID of a resource of Terraform's type ``kind``, None where it is not there.

    ``body`` is its configuration with every reference resolved (None where that cannot be yet),
    ``mine`` are the tags that it must carry where it can carry any.
    """
    finder = FINDERS.get(kind)
    if finder is None:
        return None
    with aws_errors("to look for what an interrupted run made"):
        try:
            return finder(session, _Known(body), mine)
        except _PointlessError:
            return None
        except ClientError as error:
            if any(word in code(error) for word in _ABSENT):
                return None
            raise


def _by_tags(wanted: Tagged) -> Finder:
    """Return a finder that asks the Resource Groups Tagging API; for nouns that declare so."""

    def finder(session: Session, body: Body, mine: Tags) -> str | None:
        name = body[wanted.by]
        pages = (
            session.client("resourcegroupstaggingapi")
            .get_paginator("get_resources")
            .paginate(
                ResourceTypeFilters=[wanted.type],
                TagFilters=[{"Key": key, "Values": [value]} for key, value in mine.items()],
            )
        )
        for page in pages:
            for row in page["ResourceTagMappingList"]:
                arn = str(row["ResourceARN"])
                if arn.endswith((f"/{name}", f":{name}")):
                    return arn if wanted.whole else str(name)
        return None

    return finder


# A noun whose resources are all found by their tags has no module here.
_FINDERS = {module.name for module in iter_modules(finders.__path__)}
NOUNS = tuple(kind.of.module("cloud.finders") for kind in KINDS if kind.of.file in _FINDERS)
FINDERS: dict[str, Finder] = {
    t: f
    for noun in (alarms, bedrock, cluster, edge, network, *NOUNS)
    for t, f in noun.FINDERS.items()
}
FINDERS |= {t: _by_tags(tagged) for kind in KINDS for t, tagged in kind.tagged.items()}
