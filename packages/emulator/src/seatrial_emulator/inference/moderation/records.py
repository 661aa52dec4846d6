"""An account's guardrails: drafts, versions, and operations on them (Bedrock API reference)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from seatrial_emulator.inference.conversation import InferenceError
from seatrial_emulator.inference.moderation.assessment import Verdict, judge
from seatrial_emulator.inference.moderation.policies import Source
from seatrial_emulator.inference.operations import (
    Caller,
    Operation,
    Operations,
    Place,
    Request,
    Row,
    Tags,
    authorize,
    identifier,
    now,
    pairs,
)

DRAFT = "DRAFT"
MOST_VERSIONS = 20  # of a guardrail (AWS General Reference, "Amazon Bedrock quotas")
APPLY = "bedrock:ApplyGuardrail"
UNKNOWN = "The guardrail identifier or version provided in the request does not exist."
# What no rule here can stand for; AWS asks a model about the sources of an answer.
_UNPLAYED = ("contextualGroundingPolicyConfig", "automatedReasoningPolicyConfig")


class Guardrails:
    """One account's guardrails, each by its ID and version."""

    def __init__(self, place: Place, tags: Tags) -> None:
        self.place, self.tags = place, tags
        self.rows: dict[str, dict[str, Row]] = {}
        self.numbers: dict[str, int] = {}  # of each guardrail's newest version

    def operations(self) -> Operations:
        """Return the operations on guardrails, by service and name."""
        control = {
            "CreateGuardrail": Operation(run=self.create),
            "CreateGuardrailVersion": Operation(run=self.create_version, resource=self._arn),
            "DeleteGuardrail": Operation(run=self.delete, resource=self._arn),
            "GetGuardrail": Operation(run=self.get, resource=self._arn),
            "ListGuardrails": Operation(run=self.list_),
            "UpdateGuardrail": Operation(run=self.update, resource=self._arn),
        }
        apply = Operation(run=self.apply, resource=self._arn, alone=False)
        found: Operations = {("bedrock", name): row for name, row in control.items()}
        return found | {("bedrock-runtime", "ApplyGuardrail"): apply}

    def _arn(self, given: Row) -> str:
        return self.place.arn("guardrail", _id(given.get("guardrailIdentifier") or "*"))

    def create(self, request: Request) -> Row:
        """Create a guardrail's draft."""
        given = request.parameters
        if any(given["name"] == versions[DRAFT]["name"] for versions in self.rows.values()):
            raise InferenceError("ConflictException", "A guardrail with this name already exists.")
        name = identifier(12, upper=False)
        row = {
            **self._described(given),
            "guardrailId": name,
            "guardrailArn": self.place.arn("guardrail", name),
            "version": DRAFT,
            "status": "READY",
            "createdAt": now(),
        }
        self.rows[name] = {DRAFT: row | {"updatedAt": row["createdAt"]}}
        self.tags.rows[row["guardrailArn"]] = pairs(given.get("tags") or [])
        return {key: row[key] for key in ("guardrailId", "guardrailArn", "version", "createdAt")}

    def update(self, request: Request) -> Row:
        """Replace a guardrail's draft; its versions stay."""
        old = self._versions(request.parameters)[DRAFT]
        same = ("guardrailId", "guardrailArn", "version", "status", "createdAt")
        row = {
            **{k: old[k] for k in same},
            **self._described(request.parameters),
            "updatedAt": now(),
        }
        self.rows[row["guardrailId"]][DRAFT] = row
        return {key: row[key] for key in ("guardrailId", "guardrailArn", "version", "updatedAt")}

    def create_version(self, request: Request) -> Row:
        """Keep the draft as it is now under the next number."""
        versions = self._versions(request.parameters)
        if len(versions) > MOST_VERSIONS:
            text = f"You have reached the limit of {MOST_VERSIONS} versions of this guardrail."
            raise InferenceError("ServiceQuotaExceededException", text)
        draft = versions[DRAFT]
        name = draft["guardrailId"]
        self.numbers[name] = self.numbers.get(name, 0) + 1
        number = str(self.numbers[name])
        own = {"description": request.parameters.get("description"), "version": number}
        versions[number] = {**draft, **own, "createdAt": now()}
        return {"guardrailId": name, "version": number}

    def get(self, request: Request) -> Row:
        """Return a guardrail as it was created, the draft where no version is named."""
        versions = self._versions(request.parameters)
        version = request.parameters.get("guardrailVersion") or DRAFT
        if version not in versions:
            raise InferenceError("ResourceNotFoundException", _missing(request.parameters))
        return versions[version]

    def delete(self, request: Request) -> Row:
        """Delete one version, or the guardrail with all of them."""
        versions = self._versions(request.parameters)
        if version := request.parameters.get("guardrailVersion"):
            versions.pop(version, None)
            return {}
        draft = versions[DRAFT]
        del self.rows[draft["guardrailId"]]
        self.tags.rows.pop(draft["guardrailArn"], None)
        return {}

    def list_(self, request: Request) -> Row:
        """Return every guardrail's draft, or every version of one."""
        one = request.parameters.get("guardrailIdentifier")
        versions = self._versions(request.parameters).values() if one else ()
        drafts = (each[DRAFT] for each in self.rows.values())
        found = versions if one else drafts
        return {"guardrails": [_summary(row) for row in found]}

    def apply(self, request: Request) -> Row:
        """Judge texts that were in no request to a model."""
        content = request.parameters["content"]
        if any("image" in block for block in content):
            text = "The emulator does not support images in guardrails."
            raise InferenceError("NotImplementedException", text)
        texts = [block["text"]["text"] for block in content]
        guardrail = self.version(
            request.parameters["guardrailIdentifier"], request.parameters["guardrailVersion"]
        )
        return judge(guardrail, texts, request.parameters["source"]).answer()

    def version(self, name: str, version: str) -> Row:
        """Return one version by its guardrail's ID or ARN; raises InferenceError."""
        found = self.rows.get(_id(name), {}).get(version)
        if found is None:
            raise InferenceError("ValidationException", UNKNOWN)
        return found

    def judge(
        self, caller: Caller, config: dict[str, Any], texts: list[str], source: Source
    ) -> Verdict:
        """Judge texts of a request that names a guardrail; its caller must be allowed to."""
        arn = self.place.arn("guardrail", _id(config["guardrailIdentifier"]))
        authorize(caller, APPLY, arn, {})
        guardrail = self.version(config["guardrailIdentifier"], config["guardrailVersion"])
        return judge(guardrail, texts, source)

    def _versions(self, given: Row) -> dict[str, Row]:
        found = self.rows.get(_id(given["guardrailIdentifier"]))
        if found is None:
            raise InferenceError("ResourceNotFoundException", _missing(given))
        return found

    def _described(self, given: Row) -> Row:
        """Return what a request says of a guardrail, as GetGuardrail tells it."""
        _refuse(given)
        left_out = ("tags", "clientRequestToken", "guardrailIdentifier", "kmsKeyId")
        row = {k: v for k, v in given.items() if k not in left_out and v is not None}
        if profile := (row.pop("crossRegionConfig", None) or {}).get("guardrailProfileIdentifier"):
            name = _id(profile)
            arn = self.place.arn("guardrail-profile", name)
            row["crossRegionDetails"] = {"guardrailProfileId": name, "guardrailProfileArn": arn}
        found: Row = _answered(row)
        return found


def _summary(row: Row) -> Row:
    return row | {"id": row["guardrailId"], "arn": row["guardrailArn"]}


def _id(name: str) -> str:
    """Return the ID of a guardrail's ID or ARN."""
    return name.rpartition("/")[2]


def _missing(given: Row) -> str:
    return f"Guardrail {_id(given['guardrailIdentifier'])} does not exist."


def _answered(value: Any) -> Any:
    """Return what was configured under the names that answers have: without ``Config``."""
    if isinstance(value, dict):
        return {key.removesuffix("Config"): _answered(inner) for key, inner in value.items()}
    return [_answered(each) for each in value] if isinstance(value, list) else value


def _refuse(given: Row) -> None:
    """Raise what AWS refuses and its model allows, and what cannot be played here."""
    if unplayed := next((key for key in _UNPLAYED if given.get(key)), ""):
        text = f"The emulator does not support {unplayed} of guardrails."
        raise InferenceError("NotImplementedException", text)
    for problem in _problems(given):
        raise InferenceError("ValidationException", problem)


def _problems(given: Row) -> Iterator[str]:
    policies = [key for key in given if key.endswith("PolicyConfig") and given[key]]
    if not policies:
        yield "A guardrail must have at least one policy."
    for row in (given.get("contentPolicyConfig") or {}).get("filtersConfig") or ():
        if row["type"] == "PROMPT_ATTACK" and row["outputStrength"] != "NONE":
            yield "PROMPT ATTACK content filter strength for response must be NONE"
    tiers = [(given.get(key) or {}).get("tierConfig") or {} for key in policies]
    standard = any(tier.get("tierName") == "STANDARD" for tier in tiers)
    if standard and not given.get("crossRegionConfig"):
        yield "The STANDARD tier needs cross-Region inference: give a crossRegionConfig."
    yield from _bad_patterns(given)


def _bad_patterns(given: Row) -> Iterator[str]:
    for row in (given.get("sensitiveInformationPolicyConfig") or {}).get("regexesConfig") or ():
        if re.search(r"\(\?(=|!|<=|<!)", row["pattern"]):
            yield f"The regex of {row['name']} looks around, which is not supported."
            continue
        try:
            re.compile(row["pattern"])
        except re.error as error:
            yield f"The regex of {row['name']} is invalid: {error}"
