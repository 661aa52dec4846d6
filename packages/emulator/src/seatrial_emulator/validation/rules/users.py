"""Cognito: addresses that a client may send users back to, and flows that it allows."""

from __future__ import annotations

from urllib.parse import urlsplit

from seatrial_emulator.validation.call import Call
from seatrial_emulator.validation.refusal import Refusal
from seatrial_emulator.validation.rules.rule import Account, looks_at

_CODE = "InvalidParameterException"
# The flow of a call, and the ways that a client may allow it (Cognito API reference,
# CreateUserPoolClient, ExplicitAuthFlows).
_FLOWS = {
    "USER_PASSWORD_AUTH": ("ALLOW_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"),
    "ADMIN_USER_PASSWORD_AUTH": ("ALLOW_ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"),
    "ADMIN_NO_SRP_AUTH": ("ALLOW_ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"),
    "USER_SRP_AUTH": ("ALLOW_USER_SRP_AUTH",),
    "CUSTOM_AUTH": ("ALLOW_CUSTOM_AUTH", "CUSTOM_AUTH_FLOW_ONLY"),
    "USER_AUTH": ("ALLOW_USER_AUTH",),
    "REFRESH_TOKEN_AUTH": ("ALLOW_REFRESH_TOKEN_AUTH",),
    "REFRESH_TOKEN": ("ALLOW_REFRESH_TOKEN_AUTH",),
}
# A client that names no flow has these (the same page).
_DEFAULT = ("ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH")


@looks_at("cognito-idp", "CreateUserPoolClient", "UpdateUserPoolClient")
def callbacks(call: Call, _: Account) -> Refusal | None:
    """Refuse addresses without HTTPS: only localhost's and an app's own schemes are exempt."""
    for field in ("CallbackURLs", "LogoutURLs"):
        for address in call.parameters.get(field) or ():
            parts = urlsplit(address)
            if parts.scheme == "http" and parts.hostname != "localhost":
                what = "callback" if field == "CallbackURLs" else "logout"
                return Refusal(_CODE, f"Invalid {what} url: {address}; http only for localhost.")
    return None


@looks_at("cognito-idp", "InitiateAuth", "AdminInitiateAuth")
def flows(call: Call, account: Account) -> Refusal | None:
    """Refuse a flow that the client does not allow."""
    flow = str(call.parameters.get("AuthFlow"))
    for pool in account.backend("cognito-idp").user_pools.values():
        if client := pool.clients.get(call.parameters.get("ClientId")):
            allowed = client.extended_config.get("ExplicitAuthFlows") or _DEFAULT
            if not set(_FLOWS.get(flow, ())) & set(allowed):
                return Refusal(_CODE, f"{flow} flow not enabled for this client")
    return None
