"""What the platform promises a running app: the names of its environment variables.

Read by ``resources`` (which injects them) and by ``runtime`` (which reads them); standard
library only, so that an app may import it.
"""

from __future__ import annotations

from collections.abc import Mapping

# Which app, environment and release a program is of. The plain names mean something to others too
# (Celery reads APP), so an app's own `env` replaces them; with the prefix they are always there.
PREFIX = "SEATRIAL_"
PLAIN = ("APP", "ENVIRONMENT", "RELEASE")
ALWAYS = (*(f"{PREFIX}{name}" for name in PLAIN), "PORT", "PUBLIC_URL", "AWS_REGION")
DATABASE_PLAIN = ("HOST", "PORT", "NAME", "USER", "SSLMODE")
DATABASE_SECRET = {"PASSWORD": "password", "URL": "url"}
USERS = ("USERS_POOL_ID", "USERS_CLIENT_ID", "USERS_ISSUER", "USERS_SIGN_IN_URL")

# The path that the balancer asks unless the app file names another.
HEALTH = "/health"
# How the user agent of a balancer's health checks begins (ELB user guide, "Health checks").
HEALTH_CHECKER = "ELB-HealthChecker/"
# Headers that name a request: the caller's own, and what an Application Load Balancer adds (ELB
# user guide, "Request tracing").
REQUEST_ID, TRACE_ID = "x-request-id", "x-amzn-trace-id"
# Fields of a line that ``runtime.logs`` writes; those of a request follow.
LOG_FIELDS = ("time", "level", "logger", "message", "app", "environment", "release", "request_id")
REQUEST_FIELDS = ("method", "path", "status", "seconds", "client")


def platform(environment: Mapping[str, str], name: str) -> str:
    """Return what the platform says of ``APP``, ``ENVIRONMENT`` or ``RELEASE``, else nothing."""
    return environment.get(f"{PREFIX}{name}", environment.get(name, ""))


def variable(noun: str, suffix: str = "") -> str:
    """Return the environment name of a noun: ``session-key`` is ``SESSION_KEY``."""
    stem = noun.replace("-", "_").upper()
    return f"{stem}_{suffix}" if suffix else stem
