"""Personal data by its shape, or by the words before it (Bedrock user guide, "Remove PII").

AWS recognises names and the like by a model; here a name needs words that introduce it. In a
pattern the group ``v`` is the value, where the match has more than that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_STREET = (
    r"(Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Boulevard|Blvd|Way|Court|Ct|Place|Square)"
)
_AFTER = r"(?: number| no\.?| code| id)?(?: is| was|:|=|#)?\s*"
_NAME = r"[A-Z][a-z'’-]+(?: [A-Z][a-z'’-]+){0,2}"
_DIGITS = r"(?P<v>\d[\d -]{%s}\d)\b"


def _said(words: str, value: str) -> str:
    """Return the pattern of a value that some words introduce."""
    return rf"(?i:\b(?:{words}){_AFTER}){value}"


_ROWS: dict[str, str] = {
    "ADDRESS": rf"\b\d{{1,5}} (?:[A-Z][a-z]+ ){{1,3}}{_STREET}\b\.?(?:, [A-Z][a-z]+)*",
    "AGE": r"(?i)\b\d{1,3}(?: |-)(?:years?|months?)(?: |-)old\b",
    "AWS_ACCESS_KEY": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    "AWS_SECRET_KEY": _said("secret(?: access)? key", r"(?P<v>[A-Za-z0-9/+=]{40})(?![\w/+=])"),
    "CA_HEALTH_NUMBER": _said("health(?: card)?", r"(?P<v>\d{4}[ -]?\d{3}[ -]?\d{3})\b"),
    "CA_SOCIAL_INSURANCE_NUMBER": _said(
        "social insurance|sin", r"(?P<v>\d{3}[ -]\d{3}[ -]\d{3})\b"
    ),
    "CREDIT_DEBIT_CARD_CVV": _said("cvv|cvc|security", r"(?P<v>\d{3,4})\b"),
    "CREDIT_DEBIT_CARD_EXPIRY": _said(
        "expir(?:y|es|ation)(?: date)?|valid (?:thru|until)", r"(?P<v>(?:0[1-9]|1[0-2])/\d{2,4})\b"
    ),
    "CREDIT_DEBIT_CARD_NUMBER": r"\b\d(?:[ -]?\d){12,18}\b",
    "DRIVER_ID": _said("driver'?s?(?: license| licence)?", r"(?P<v>[A-Z0-9-]{6,16})\b"),
    "EMAIL": r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b",
    "INTERNATIONAL_BANK_ACCOUNT_NUMBER":
        r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b",
    "IP_ADDRESS": r"\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b",
    "LICENSE_PLATE": _said(
        "(?:license|licence|number) plate", r"(?P<v>[A-Z0-9][A-Z0-9 -]{3,7}[A-Z0-9])\b"
    ),
    "MAC_ADDRESS": r"\b(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}\b",
    "NAME": (
        rf"(?i:\b(?:my name is|i am|i'm|called|mr\.?|mrs\.?|ms\.?|dr\.?|dear|signed,?|customer|"
        rf"named|contact)\s+)(?P<v>{_NAME})"
    ),
    "PASSWORD": _said("passwords?|passphrase", r"(?P<v>[^\s,;]{6,})"),
    "PHONE": r"(?<![\w-])\+?(?:\d{1,3}[ .-])?(?:\(\d{2,4}\)|\d{3})[ .-]\d{3}[ .-]\d{4}\b",
    "PIN": _said("pin", r"(?P<v>\d{4,6})\b"),
    "SWIFT_CODE": _said("swift|bic", r"(?P<v>[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?)\b"),
    "UK_NATIONAL_HEALTH_SERVICE_NUMBER": _said("nhs", r"(?P<v>\d{3} ?\d{3} ?\d{4})\b"),
    "UK_NATIONAL_INSURANCE_NUMBER": r"\b[A-CEGHJ-PR-TW-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b",
    "UK_UNIQUE_TAXPAYER_REFERENCE_NUMBER": _said(
        "utr|unique taxpayer reference", r"(?P<v>\d{10})\b"
    ),
    "URL": r"\bhttps?://[^\s<>\"')]+",
    "USERNAME": _said("user ?name|login|user id", r"(?P<v>[\w.-]{3,})"),
    "US_BANK_ACCOUNT_NUMBER": _said("(?:bank )?account", _DIGITS % "6,15"),
    "US_BANK_ROUTING_NUMBER": _said("routing", r"(?P<v>\d{9})\b"),
    "US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER": r"\b9\d{2}[ -][5-9]\d[ -]\d{4}\b",
    "US_PASSPORT_NUMBER": _said("passport", r"(?P<v>[A-Z]?\d{8,9})\b"),
    "US_SOCIAL_SECURITY_NUMBER": r"\b(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}\b",
    "VEHICLE_IDENTIFICATION_NUMBER": r"\b(?=\w*\d)(?=\w*[A-Z])[A-HJ-NPR-Z0-9]{17}\b",
}  # fmt: skip
PATTERNS = {kind: re.compile(pattern) for kind, pattern in _ROWS.items()}


def find(kind: str, text: str) -> Iterator[str]:
    """Yield each value of a kind in a text."""
    for match in PATTERNS[kind].finditer(text):
        value = match["v"] if "v" in match.re.groupindex else match[0]
        if kind != "CREDIT_DEBIT_CARD_NUMBER" or _luhn(value):
            yield value


def _luhn(value: str) -> bool:
    """Return whether a card's check digit holds (ISO/IEC 7812-1)."""
    digits = [int(each) for each in reversed(value) if each.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
