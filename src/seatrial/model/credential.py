"""What a value looks like: the shapes of credentials, by who gives them out.

Pure; used for the app file's values and for files of a build. The shapes are those that their
makers publish so that scanners find them, or that their examples show.
"""

from __future__ import annotations

import re

_ROWS = (
    (r"\b(AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b", "an AWS access key"),
    (r"\b[sr]k_(live|test)_[A-Za-z0-9]{16,}", "a Stripe key"),
    (r"\bwhsec_[A-Za-z0-9+/=]{20,}", "a Stripe webhook's secret"),
    (r"\bsk-ant-[A-Za-z0-9_-]{16,}", "an Anthropic key"),
    (r"\bsk-[A-Za-z0-9_-]{16,}", "an OpenAI key"),
    (r"\bxox[a-z]-[A-Za-z0-9-]{10,}|\bxapp-\d-[A-Za-z0-9-]{10,}", "a Slack token"),
    (r"hooks\.slack\.com/(services|workflows|triggers)/[\w/+-]{20,}", "a Slack webhook"),
    (r"discord(app)?\.com/api/webhooks/\d+/[\w-]{40,}", "a Discord webhook"),
    (r"\bSG\.[\w-]{16,}\.[\w-]{16,}", "a SendGrid key"),
    (r"\bAIza[\w-]{35}\b", "a Google API key"),
    (r"\bGOCSPX-[\w-]{20,}|\bya29\.[\w-]{20,}", "a Google OAuth secret"),
    (r'"private_key"\s*:\s*"|"type"\s*:\s*"service_account"', "a Google service account's key"),
    (r"(?i)\b(AccountKey|SharedAccessKey)=[A-Za-z0-9+/]{20,}", "an Azure connection string"),
    (r"\b[\w~.]{3}\dQ~[\w~.-]{31,34}", "an Azure client's secret"),
    (r"[?&]sig=[A-Za-z0-9%+/]{30,}", "an Azure shared access signature"),
    (r"\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}", "a GitHub token"),
    (r"\bgl(pat|dt|rt|ptt|cbt|soat)-[\w-]{20,}", "a GitLab token"),
    (r"\bnpm_[A-Za-z0-9]{30,}", "an npm token"),
    (r"\bpypi-[\w-]{30,}", "a PyPI token"),
    (r"\bdckr_(pat|oat)_[\w-]{20,}", "a Docker token"),
    (r"\brubygems_[a-f0-9]{48}", "a RubyGems key"),
    (r"\bhf_[A-Za-z0-9]{20,}", "a Hugging Face token"),
    (r"\bSK[0-9a-f]{32}\b", "a Twilio key"),
    (r"\bkey-[0-9a-f]{32}\b", "a Mailgun key"),
    (r"\b[0-9a-f]{32}-us\d{1,2}\b", "a Mailchimp key"),
    (r"\bshp(at|ca|pa|ss)_[a-fA-F0-9]{32}", "a Shopify token"),
    (r"\bsq0(csp|atp)-[\w-]{22,}", "a Square token"),
    (r"\b\d{8,10}:[\w-]{35}\b", "a Telegram bot's token"),
    (r"\bdo[opr]_v1_[a-f0-9]{40,}", "a DigitalOcean token"),
    (r"\bhv[sbr]\.[\w-]{24,}", "a Vault token"),
    (r"\bdapi[a-f0-9]{32}", "a Databricks token"),
    (r"\bNRAK-[A-Z0-9]{20,}", "a New Relic key"),
    (r"\bsntr[ysu]_[\w=+/-]{20,}", "a Sentry token"),
    (r"\bglsa_[A-Za-z0-9_]{30,}", "a Grafana token"),
    (r"\bsbp_[a-f0-9]{30,}", "a Supabase token"),
    (r"\bpscale_(tkn|pw|oauth)_[\w.-]{20,}", "a PlanetScale token"),
    (r"\blin_api_[A-Za-z0-9]{30,}|\bntn_[A-Za-z0-9]{30,}", "a token of Linear or Notion"),
    (r"\bAGE-SECRET-KEY-1[0-9A-Z]{50,}", "an age key"),
    (r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----", "a private key"),
    (r"\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]+", "a signed token"),
    (r"(?i)\b(bearer|basic)\s+[A-Za-z0-9+/=._-]{16,}", "an Authorization header"),
    # A port before the path is no password: `https://host:8080/@name`.
    (r"\b[a-z][a-z0-9+.-]*://[^\s/?#@:]*:(?!\d{1,5}([/?#]|$))[^\s@]+@",
     "an address with a password"),
    (r"(?i)\b(password|passwd|pwd)=[^\s;&'\"$]{3,}", "a connection string with a password"),
)  # fmt: skip
_SECRET_NAME = re.compile(
    r"(PASSWORD|PASSWD|PASSPHRASE)$|(^|_)(PWD|PASS|SECRET|TOKEN|CREDENTIALS?|API_?KEY|"
    r"(ACCESS|PRIVATE|SECRET|SIGNING|ENCRYPTION|JWT|HMAC|MASTER|AUTH|SESSION|WEBHOOK|ACCOUNT)_?KEY"
    r"(_BASE)?)$"
)
SHAPES = tuple((re.compile(pattern), what) for pattern, what in _ROWS)
_WORDS = (
    "true|false|yes|no|on|off|none|null|auto|default|disabled|enabled|required|optional|always|"
    "never|strict|lax|header|cookie|bearer|basic|jwt|opaque|session|local|memory|database|redis"
)
# A setting: a word, a number, a duration or size, a path, a value that says that it is none.
_HARMLESS = re.compile(
    rf"(?i)|{_WORDS}|\d{{1,6}}|\d+\s*(ms|s|m|h|d|w|y|min|sec|[kmg]i?b?|days?|hours?|minutes?)|"
    r"\.{0,2}/[\w./-]*|https?://[^\s:@]+(:\d+)?(/\S*)?|<[^>]*>|\*+"
)


def shape(value: str) -> str | None:
    """Return which credential a value holds by its shape, or None."""
    return next((what for pattern, what in SHAPES if pattern.search(value)), None)


def kind(name: str, value: str) -> str | None:
    """Return what the value of a variable looks like, or None; by its name too."""
    if found := shape(value):
        return found
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()
    if _SECRET_NAME.search(snake) and not _HARMLESS.fullmatch(value):
        return "a secret, by its name"
    return None
