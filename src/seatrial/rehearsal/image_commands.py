"""Commands of a Dockerfile's RUN lines: what a rehearsal does of them, and what the rest hides."""

from __future__ import annotations

import itertools
import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterable, Iterator

from packaging.requirements import InvalidRequirement, Requirement

LONGEST = 70  # characters of a command in a report
_BETWEEN = re.compile(r"&&|\|\||[;\n]")
_OPTION = re.compile(r"^(?:--(?:mount|network|security)=\S+\s+)+")
_ASSIGNED = re.compile(r"[A-Za-z_]\w*=")
_SYSTEM = {("apt-get", "install"), ("apt", "install"), ("apk", "add"), ("dnf", "install")}
_SYSTEM |= {("yum", "install"), ("microdnf", "install")}
# What installs the packages that an environment has too.
_INSTALLS = {"uv", "poetry", "pdm", "pipenv", "npm", "yarn", "pnpm", "bun", "corepack"}
_SHELL = {
    "if",
    "then",
    "else",
    "elif",
    "fi",
    "for",
    "do",
    "done",
    "while",
    "[",
    "!",
    "(",
    ")",
    "{",
    "}",
}
_TOOLS = {"pip", "setuptools", "wheel", "uv", "poetry", "pdm", "pipenv"}
_NOTHING = {"set", "cd", "rm", "mkdir", "echo", "true", ":", "export", "ldconfig", "touch", "test"}
_OWNERS = {"chown", "chmod", "useradd", "adduser", "groupadd", "addgroup", "usermod", "install"}
_DOWNLOADS = {"curl", "wget", "git"}
# Programs of Debian packages whose names differ; the rest is looked for by the package's name.
PROGRAMS = {
    "default-mysql-client": "mysql",
    "ghostscript": "gs",
    "graphicsmagick": "gm",
    "imagemagick": "convert",
    "libreoffice-writer": "soffice",
    "poppler-utils": "pdftotext",
    "postgresql-client": "psql",
    "procps": "ps",
    "redis-tools": "redis-cli",
    "tesseract-ocr": "tesseract",
}


def commands(runs: Iterable[str]) -> Iterator[list[str]]:
    """Yield every command of RUN lines as its words, without the shell's own."""
    for line in runs:
        text = _OPTION.sub("", line.strip())
        if words := _exec_form(text):
            yield words
            continue
        for part in _BETWEEN.split(text):
            words = _words(part)
            while words and (words[0] in _SHELL or _ASSIGNED.match(words[0])):
                words = words[1:]
            if words and not part.lstrip().startswith("if"):
                yield words


def _exec_form(text: str) -> list[str]:
    try:
        return [str(word) for word in json.loads(text)] if text.startswith("[") else []
    except ValueError:
        return []


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text, comments=True)
    except ValueError:  # a quote around an operator
        return text.split()


def requirements(runs: Iterable[str]) -> tuple[str, ...]:
    """Return the Python packages that `pip install` names one by one."""
    found = [name for words in commands(runs) for name in _named(words)]
    return tuple(dict.fromkeys(found))


def _named(words: list[str]) -> Iterator[str]:
    words = words[2:] if words[0].startswith("python") and words[1:2] == ["-m"] else words
    words = words[1:] if words[:1] == ["uv"] else words
    if words[:2] not in (["pip", "install"], ["pip3", "install"]):
        return
    options = ("-r", "-c", "-e", "-t", "-i", "--requirement", "--constraint", "--index-url")
    for before, word in itertools.pairwise(words[1:]):
        try:
            found = Requirement(word)
        except InvalidRequirement:
            continue
        if before not in options and found.name not in _TOOLS:
            yield str(found)


def notes(runs: Iterable[str], packages: Iterable[str]) -> tuple[str, ...]:
    """Return what of RUN lines and Debian ``packages`` is not rehearsed, and what that may hide."""
    lines = list(runs)
    wanted = [*packages, *(name for words in commands(lines) for name in _system(words))]
    absent = [name for name in dict.fromkeys(wanted) if not _is_here(name)]
    found = [_sentence(words) for words in commands(lines)]
    if absent:
        found.insert(
            0,
            f"not rehearsed: the image's {', '.join(absent)}: this machine has no package or "
            "program of that name; what calls it fails here, and not on AWS",
        )
    return tuple(dict.fromkeys(filter(None, found)))


def _system(words: list[str]) -> list[str]:
    """Return the system packages that a command installs."""
    plain = [word for word in words if not word.startswith("-") and word != "sudo"]
    if tuple(plain[:2]) not in _SYSTEM:
        return []
    return [re.split(r"[=~<>]", word)[0] for word in plain[2:] if "$" not in word]


def _is_here(package: str) -> bool:
    if shutil.which(PROGRAMS.get(package, package)):
        return True
    if not shutil.which("dpkg-query"):
        return False
    words = ["dpkg-query", "--show", "--showformat=${db:Status-Status}", package]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.stdout.startswith("installed")


def _sentence(words: list[str]) -> str:
    """Return what a command's absence may hide; empty where nothing is hidden."""
    program = words[0].rpartition("/")[2]
    if _system(words) or program in _NOTHING or program in ("apt-get", "apt", "apk", "dnf", "yum"):
        return ""
    if _installs(program, words):
        return ""
    shown = " ".join(words)
    shown = shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 3]}..."
    if program in _OWNERS:
        why = "a file that user 10001 may not read in the image may be read here"
    elif program in _DOWNLOADS:
        why = "what it downloads is missing here"
    else:
        why = "what it makes is missing here, unless you run it in the folder"
    return f"not rehearsed: Dockerfile's `{shown}`: {why}"


def _installs(program: str, words: list[str]) -> bool:
    """Say whether an environment has what a command installs."""
    if program.startswith("pip") or words[1:3] == ["-m", "pip"] or "venv" in words[1:3]:
        return True
    verbs = {"install", "i", "ci", "sync", "export", "venv", "pip", "config", "add", "enable"}
    bare = program == "yarn" and len(words) == 1
    return program in _INSTALLS and (bare or bool(verbs & set(words[1:3])))
