"""Users: a Cognito pool with its sign-in page, and a client that keeps no secret (PKCE).

A browser's app cannot keep a secret, so the client has none: the code flow with PKCE proves who
asked (RFC 7636). The implicit flow and plain passwords are off.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.model.app import App
from seatrial.model.service import Service, Use
from seatrial.model.users import KIND, Users
from seatrial.resources import access, edge
from seatrial.resources.context import ACCOUNT, Context, foundation
from seatrial.resources.graph import Expr, Joined, Ref, Resource, joined
from seatrial.resources.kind import EDGE, Arrow, Grant, Node, ResourceKind
from seatrial.resources.switches import is_off

NOUN = "users"
POOL = Ref("aws_cognito_user_pool", NOUN)
CLIENT = Ref("aws_cognito_user_pool_client", NOUN)
LIMIT, SIGN_IN_LIMIT = 128, 63  # characters of names of pools and of sign-in pages
ADMIN = (
    "cognito-idp:AdminGetUser",
    "cognito-idp:AdminCreateUser",
    "cognito-idp:AdminDisableUser",
    "cognito-idp:AdminEnableUser",
    "cognito-idp:ListUsers",
)
MFA = {"off": "OFF", "optional": "OPTIONAL", "required": "ON"}


def issuer(context: Context) -> Joined:
    """Return who signs the tokens (Cognito developer guide, "Verifying JSON web tokens")."""
    return joined(f"https://cognito-idp.{context.app.region}.amazonaws.com/", POOL)


def sign_in(context: Context) -> Joined:
    """Return the address of the sign-in page."""
    domain = Ref("aws_cognito_user_pool_domain", NOUN, "domain")
    return joined("https://", domain, f".auth.{context.app.region}.amazoncognito.com")


def _attribute(context: Context, _: str, name: str) -> Ref | Joined:
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
        domain=joined(f"{context.unique(SIGN_IN_LIMIT - 13, NOUN)}-", ACCOUNT),
        user_pool_id=POOL,
    )


def _pool(context: Context, users: Users) -> Resource:
    mixed = users.password.mixed
    token = [{"enabled": True}] if users.mfa != "off" else None
    return foundation(
        NOUN,
        "aws_cognito_user_pool",
        NOUN,
        name=context.fitted(LIMIT),
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
        name=context.fitted(LIMIT),
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


def _grants(_context: Context, _: Service, use: Use) -> Iterator[Grant]:
    if use.access == "admin":
        yield Grant("task", "users_admin", (access.allow(ADMIN, Ref(POOL.type, NOUN, "arn")),))


def _nodes(app: App) -> Iterator[Node]:
    if app.users:
        yield Node(NOUN, "edge", EDGE, NOUN, f"Cognito, MFA {app.users.mfa}")


def _arrows(_: App) -> Iterator[Arrow]:
    yield "/internet", NOUN


def _risks(resource: Resource, production: bool) -> Iterator[str]:  # noqa: FBT001
    if production and is_off(resource.body.get("deletion_protection")):
        yield "the accounts of all users are not protected from deletion"


RESOURCES = ResourceKind(
    of=KIND,
    build=build,
    attribute=_attribute,
    grants=_grants,
    nodes=_nodes,
    arrows=_arrows,
    risks={"aws_cognito_user_pool": _risks},
    holds={"aws_cognito_user_pool": "the pool of users"},
)
