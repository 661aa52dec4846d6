"""Files that hold credentials by their name or their first bytes: what no image should carry.

An image is read by everybody who may pull it, and a site by everybody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from seatrial.model import credential

_FIRST = 16 * 1024  # bytes of a file that are looked at
_ALWAYS = re.compile(
    r"\.env|\.envrc|secrets?\.env|id_(rsa|dsa|ecdsa|ed25519)|\.netrc|\.pypirc|\.git-credentials|"
    r"\.htpasswd|\.pgpass|.*\.(p12|pfx|jks|keystore|kdbx|tfstate)"
)
_ENV = re.compile(r"\.env\.(?!.*(example|sample|template|dist|defaults?)).*")
_BY_CONTENT = re.compile(
    r".*\.(pem|key|asc)|\.npmrc|\.yarnrc(\.yml)?|.*(credential|service.?account|secret|key).*\.json|"
    r"credentials|\.dockercfg|config\.json",
    re.IGNORECASE,
)
_TOKENS = re.compile(
    r"(?i)(_authToken|_password|npmAuthToken|aws_secret_access_key)\s*[=:]\s*[^\s$]|\"auths\"\s*:"
)
MOST_SHOWN = 5


def found(files: Mapping[str, Path]) -> tuple[str, ...]:
    """Return the names of files that hold credentials, of files by their names in a folder."""
    return tuple(name for name, path in sorted(files.items()) if _is_private(path))


def _is_private(path: Path) -> bool:
    if _ALWAYS.fullmatch(path.name) or _ENV.fullmatch(path.name):
        return True
    if not _BY_CONTENT.fullmatch(path.name):
        return False
    with path.open("rb") as file:
        text = file.read(_FIRST).decode("latin-1")
    return bool(_TOKENS.search(text)) or credential.shape(text) is not None


def note(files: Mapping[str, Path], ignore_file: str) -> tuple[str, ...]:
    """Return what to say of an image that would carry such files; nothing where none is there."""
    names = found(files)
    if not names:
        return ()
    shown = ", ".join(f"`{name}`" for name in names[:MOST_SHOWN])
    more = f" and {len(names) - MOST_SHOWN} more" if len(names) > MOST_SHOWN else ""
    return (
        f"{shown}{more} would be in the image, for everybody who can pull it: name it in "
        f"`{ignore_file}`, and give its values as `secrets`",
    )
