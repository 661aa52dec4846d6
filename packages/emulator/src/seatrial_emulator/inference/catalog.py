"""What Bedrock says of a model and of an inference profile before anybody calls it.

No list of AWS's models ships with the emulator: it would be old within weeks. Every well-formed
identifier is a model here; on AWS ``seatrial verify`` and the plan ask the account.
"""

from __future__ import annotations

from typing import Any

from seatrial_emulator.inference.conversation import InferenceError
from seatrial_emulator.inference.model_ids import Called


def answer(
    what: str, target: Called, region: str, account: str, *, there: bool
) -> tuple[str, str, dict[str, Any]]:
    """Return the action that a question needs, on which resource, and its answer.

    ``there`` says whether something stands behind the models; raises InferenceError.
    """
    arn = f"arn:aws:bedrock:{region}::foundation-model/{target.model}"
    match what:
        case "foundation-models" if not target.profile:
            return "bedrock:GetFoundationModel", arn, {"modelDetails": _details(target, arn)}
        case "foundation-model-availability":
            body = _availability(target, there=there)
            return "bedrock:GetFoundationModelAvailability", arn, body
        case "inference-profiles" if target.profile:
            profile = target.profile_arn(region, account)
            return "bedrock:GetInferenceProfile", profile, _profile(target, profile, arn)
    text = "The provided model identifier is invalid."
    raise InferenceError("ValidationException", text)


def _details(target: Called, arn: str) -> dict[str, Any]:
    provider = target.model.partition(".")[0]
    return {
        "modelArn": arn,
        "modelId": target.model,
        "modelName": target.model,
        "providerName": provider.title(),
        "inputModalities": ["TEXT"],
        "outputModalities": ["EMBEDDING" if "embed" in target.model else "TEXT"],
        "responseStreamingSupported": True,
        "customizationsSupported": [],
        "inferenceTypesSupported": ["ON_DEMAND"],
        "modelLifecycle": {"status": "ACTIVE"},
    }


def _availability(target: Called, *, there: bool) -> dict[str, Any]:
    return {
        "modelId": target.model,
        "agreementAvailability": {"status": "AVAILABLE" if there else "NOT_AVAILABLE"},
        "authorizationStatus": "AUTHORIZED",
        "entitlementAvailability": "AVAILABLE" if there else "NOT_AVAILABLE",
        "regionAvailability": "AVAILABLE",
    }


def _profile(target: Called, profile: str, model: str) -> dict[str, Any]:
    return {
        "inferenceProfileName": target.profile,
        "inferenceProfileArn": profile,
        "inferenceProfileId": target.profile,
        "models": [{"modelArn": model}],
        "status": "ACTIVE",
        "type": "SYSTEM_DEFINED",
    }
