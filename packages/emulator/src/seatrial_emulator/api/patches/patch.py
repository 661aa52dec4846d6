"""How a patch gets onto moto: guarded, and listed.

A blind assignment onto a class goes on "working" after upstream renamed what it patched. Here each
patch names its target, and one that does not fit the installed moto is a problem that
``require_fit`` raises in one clear error. ``PATCHES`` lists them all with the source they replace,
so that a test can say which of them upstream changed or made unnecessary.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from functools import wraps
from importlib.metadata import version
from typing import Any, Literal

Kind = Literal["replace", "wrap", "add", "override"]


class PatchError(Exception):
    """Patches that do not fit the installed moto, one a line."""


@dataclass(frozen=True)
class Patch:
    """One patch: what it changes in moto, how, and which of our functions does it."""

    target: str
    kind: Kind
    by: str
    original: Any = None


PATCHES: dict[str, Patch] = {}
PROBLEMS: list[str] = []


def replace(owner: Any, name: str, function: Any) -> None:
    """Put a function, a property or a value in the place of one of moto's."""
    found = _existing(owner, name)
    if found is not None:
        _assign(owner, name, function, found)
        _record(owner, name, "replace", function, found)


def wrap(owner: Any, name: str, function: Callable[..., Any]) -> None:
    """Call a function in the place of one of moto's; its first argument is moto's own."""
    found = _existing(owner, name)
    if found is None:
        return
    inner = found.__func__ if isinstance(found, staticmethod) else found

    @wraps(inner)
    def wrapped(*given: Any, **fields: Any) -> Any:
        return function(inner, *given, **fields)

    _assign(owner, name, wrapped, found)
    _record(owner, name, "wrap", function, found)


def add(owner: Any, name: str, function: Any) -> None:
    """Add a function, or a property, that moto does not have."""
    if inspect.getattr_static(owner, name, None) is not None and not _ours(owner, name):
        PROBLEMS.append(f"{_target(owner, name)} is there now: {_by(function)} may go")
        return
    setattr(owner, name, function)
    _record(owner, name, "add", function)


def override(owner: type, name: str, function: Any) -> None:
    """Give a class its own version of a method that its base may have and it has not."""
    if name in vars(owner) and not _ours(owner, name):
        PROBLEMS.append(f"{_target(owner, name)} is there now: {_by(function)} may go")
        return
    setattr(owner, name, function)
    _record(owner, name, "override", function)


def replace_item(
    mapping: MutableMapping[str, Any], key: str, *, old: Any, new: Any, where: str
) -> None:
    """Change an entry of one of moto's tables; ``where`` names it."""
    if mapping.get(key) not in (old, new):
        PROBLEMS.append(f"{where} is {mapping.get(key)!r} now and no longer {old!r}")
        return
    mapping[key] = new
    PATCHES[where] = Patch(where, "replace", repr(new), repr(old))


def original(owner: Any, name: str) -> Any:
    """Return what a patch replaced."""
    return PATCHES[_target(owner, name)].original


def require_fit() -> None:
    """Raise PatchError where a patch found its target gone, or made unnecessary."""
    if PROBLEMS:
        rows = "".join(f"\n- {problem}" for problem in PROBLEMS)
        raise PatchError(f"moto {version('moto')} does not fit these patches:{rows}")


def fingerprints() -> dict[str, str]:
    """Return the digest of the source that each patch replaces, by target; "" where it adds."""
    return {target: _digest(patch.original) for target, patch in sorted(PATCHES.items())}


def _existing(owner: Any, name: str) -> Any:
    """Return moto's own attribute, also where a patch is on it already; None where it is gone."""
    found = inspect.getattr_static(owner, name, None)
    if found is None:
        PROBLEMS.append(f"{_target(owner, name)} is gone")
    return found


def _assign(owner: Any, name: str, function: Any, found: Any) -> None:
    assigned = staticmethod(function) if isinstance(found, staticmethod) else function
    setattr(owner, name, assigned)


def _record(owner: Any, name: str, kind: Kind, function: Any, found: Any = None) -> None:
    target = _target(owner, name)
    if target not in PATCHES:
        PATCHES[target] = Patch(target, kind, _by(function), found)


def _ours(owner: Any, name: str) -> bool:
    return _target(owner, name) in PATCHES


def _target(owner: Any, name: str) -> str:
    return f"{owner.__module__}.{owner.__qualname__}.{name}"


def _by(function: Any) -> str:
    inner: Any = function.fget if isinstance(function, property) else function
    if not callable(inner):
        return repr(inner)
    return f"{inner.__module__.removeprefix('seatrial_emulator.')}.{inner.__name__}"


def _digest(found: Any) -> str:
    if found is None:
        return ""
    if isinstance(found, str):
        text = found
    else:
        inner: Any = found.fget if isinstance(found, property) else found
        text = inspect.getsource(inspect.unwrap(inner)) if callable(inner) else repr(inner)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
