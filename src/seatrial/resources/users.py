"""Users: a Cognito pool with its sign-in page, and a client that keeps no secret (PKCE).

A browser's app cannot keep a secret, so the client has none: the code flow with PKCE proves who
asked (RFC 7636). The implicit flow and plain passwords are off.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.model.users import Users
from seatrial.resources import edge
from seatrial.resources.context import ACCOUNT, Context, foundation
from seatrial.resources.graph import Expr, Joined, Ref, Resource, joined

NOUN = "users"
POOL = Ref("aws_cognito_user_pool", NOUN)
CLIENT = Ref("aws_cognito_user_pool_client", NOUN)
MFA = {"off": "OFF", "optional": "OPTIONAL", "required": "ON"}


def issuer(context: Context) -> Joined:
    """Return who signs the tokens (Cognito developer guide, "Verifying JSON web tokens")."""
    return joined(f"https://cognito-idp.{context.app.region}.amazonaws.com/", POOL)


def sign_in(context: Context) -> Joined:
    """Return the address of the sign-in page."""
    domain = Ref("aws_cognito_user_pool_domain", NOUN, "domain")
    return joined("https://", domain, f".auth.{context.app.region}.amazoncognito.com")


def attribute(context: Context, name: str) -> Ref | Joined:
    """Return one of the attributes that an app is given."""
    found: dict[str, Ref | Joined] = {
        "pool_id": POOL,
        "client_id": CLIENT,
        "issuer": issuer(context),
        "sign_in_url": sign_in(context),
    }
    return found[name]


def build(context: Context) -> Iterator[Resource]:
    """Yield the pool, its client and its sign-in page."""
    users = context.app.users
    if users is None:
        return
    yield _pool(context, users)
    yield _client(context, users)
    yield foundation(
        NOUN,
        "aws_cognito_user_pool_domain",
        NOUN,
        domain=joined(f"{context.global_name('sign-in', NOUN, reserve=13)}-", ACCOUNT),
        user_pool_id=POOL,
    )


def _pool(context: Context, users: Users) -> Resource:
    mixed = users.password.mixed
    token = [{"enabled": True}] if users.mfa != "off" else None
    return foundation(
        NOUN,
        "aws_cognito_user_pool",
        NOUN,
        name=context.name("users"),
        username_attributes=["email"],
        auto_verified_attributes=["email"],
        username_configuration=[{"case_sensitive": False}],
        deletion_protection=Expr('var.teardown ? "INACTIVE" : "ACTIVE"')
        if context.production
        else "INACTIVE",
        mfa_configuration=MFA[users.mfa],
        software_token_mfa_configuration=token,
        admin_create_user_config=[{"allow_admin_create_user_only": not users.sign_up}],
        account_recovery_setting=[
            {"recovery_mechanism": [{"name": "verified_email", "priority": 1}]}
        ],
        password_policy=[
            {
                "minimum_length": users.password.length,
                "require_lowercase": mixed,
                "require_uppercase": mixed,
                "require_numbers": mixed,
                "require_symbols": mixed,
                "temporary_password_validity_days": 7,
            }
        ],
    )


def _client(context: Context, users: Users) -> Resource:
    here = edge.public_url(context).parts if edge.has_address(context) else ()
    callbacks = [*([joined(*here, "/callback")] if here else []), *users.callbacks]
    logouts = [*([joined(*here, "/")] if here else []), *users.callbacks]
    return foundation(
        NOUN,
        "aws_cognito_user_pool_client",
        NOUN,
        name=context.name("users"),
        user_pool_id=POOL,
        generate_secret=False,
        prevent_user_existence_errors="ENABLED",
        enable_token_revocation=True,
        explicit_auth_flows=["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"],
        supported_identity_providers=["COGNITO"],
        allowed_oauth_flows_user_pool_client=bool(callbacks),
        allowed_oauth_flows=["code"] if callbacks else None,
        allowed_oauth_scopes=["email", "openid", "profile"] if callbacks else None,
        callback_urls=callbacks or None,
        logout_urls=logouts or None,
        access_token_validity=users.session,
        id_token_validity=users.session,
        refresh_token_validity=users.remember,
        token_validity_units=[
            {"access_token": "seconds", "id_token": "seconds", "refresh_token": "seconds"}
        ],
    )
