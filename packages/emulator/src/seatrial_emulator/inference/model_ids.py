"""Identifiers of Bedrock's models and profiles, and the ARNs that a call of one is allowed by.

Sources: Bedrock user guide, "Supported foundation models", "Supported Regions and models for
inference profiles" (the prefixes), "Prerequisites for inference profiles" (a caller needs the
profile and the model that it leads to); service authorization reference, Amazon Bedrock.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

GEOGRAPHIES = ("us-gov", "us", "eu", "apac", "jp", "au", "ca", "global")
_PROFILE = re.compile(rf"({'|'.join(GEOGRAPHIES)})\.(.+\..+)")
_ARN = re.compile(r"arn:aws:bedrock:[a-z0-9-]*:(\d*):(foundation-model|inference-profile)/(.+)")


@dataclass(frozen=True)
class Called:
    """A model that is called: by itself, or through an inference profile ("" for none)."""

    model: str
    profile: str

    def arns(self, region: str, account: str) -> tuple[str, ...]:
        """Return what a caller must be allowed to invoke, of this region."""
        model = f"arn:aws:bedrock:{region}::foundation-model/{self.model}"
        return (self.profile_arn(region, account), model) if self.profile else (model,)

    def profile_arn(self, region: str, account: str) -> str:
        """Return the profile's ARN; every account has AWS's own profiles as its own."""
        return f"arn:aws:bedrock:{region}:{account}:inference-profile/{self.profile}"


def called(identifier: str) -> Called:
    """Return what an identifier, or an ARN, calls."""
    if found := _ARN.fullmatch(identifier):
        identifier = found[3]
    if profile := _PROFILE.fullmatch(identifier):
        return Called(profile[2], identifier)
    return Called(identifier, "")
