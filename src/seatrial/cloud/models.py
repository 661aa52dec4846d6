"""Bedrock's models as the account sees them."""

from __future__ import annotations

from dataclasses import dataclass

from botocore.exceptions import ClientError

from seatrial.cloud.session import Session, aws_errors

UNKNOWN = ("ResourceNotFoundException", "ValidationException")


@dataclass(frozen=True)
class Availability:
    """Whether a model may be called; each is a word of Bedrock's, "" where it was not asked."""

    region: str
    authorization: str = ""
    entitlement: str = ""
    agreement: str = ""

    @property
    def good(self) -> bool:
        """Return whether the account may call the model now."""
        return (self.region, self.authorization, self.entitlement) == (
            "AVAILABLE",
            "AUTHORIZED",
            "AVAILABLE",
        )


def availability(session: Session, model: str) -> Availability:
    """Return what Bedrock says of a model in the app's region; raises UserError.

    Source: Bedrock API reference, GetFoundationModelAvailability.
    """
    with aws_errors(f"to say whether the account may use {model}"):
        try:
            found = session.client("bedrock").get_foundation_model_availability(modelId=model)
        except ClientError as error:
            if error.response["Error"]["Code"] in UNKNOWN:
                return Availability("NOT_AVAILABLE")
            raise
    return Availability(
        found["regionAvailability"],
        found["authorizationStatus"],
        found["entitlementAvailability"],
        found["agreementAvailability"]["status"],
    )


def has_profile(session: Session, profile: str) -> bool:
    """Return whether the app's region has an inference profile; raises UserError."""
    with aws_errors(f"to look for the inference profile {profile}"):
        try:
            session.client("bedrock").get_inference_profile(inferenceProfileIdentifier=profile)
        except ClientError as error:
            if error.response["Error"]["Code"] in UNKNOWN:
                return False
            raise
    return True
