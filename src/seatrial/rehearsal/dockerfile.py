"""What a Dockerfile says about running, for a program that runs in its folder without a build.

Its last stage counts, with what that inherits from the stages it is made of. dockerfile-parse
reads the lines: continuations, comments, the escape directive, quotes. Here-documents and
``${name:-default}`` are read here (docs.docker.com, "Dockerfile reference").
"""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from dockerfile_parse import DockerfileParser
from dockerfile_parse.util import WordSplitter

LONGEST = 70  # characters of an instruction in a report
ROOT = PurePosixPath("/")
_BACKTICK = re.compile(r"\s*#\s*escape\s*=\s*`", re.IGNORECASE)
_MAY_HAVE_DOCUMENTS = re.compile(r"\s*(RUN|COPY|ADD)\s", re.IGNORECASE)
_DOCUMENT = re.compile(r"<<(-?)\s*([\"']?)(\w+)\2")
_VARIABLE = re.compile(r"\\\$|\$(?:(\w+)|\{(\w+)(?::([-+])([^}]*))?\})")


@dataclass(kw_only=True)
class Stage:
    """A stage of a build so far; paths are those inside the image.

    ``inherited`` says that the command came with the image that the stage begins with;
    ``copies`` are what it copied from the sources: where from, where to.
    """

    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    image: str = ""
    inherited: bool = False
    environment: dict[str, str] = field(default_factory=dict)
    arguments: dict[str, str] = field(default_factory=dict)
    folder: PurePosixPath = ROOT
    shell: list[str] = field(default_factory=lambda: ["/bin/sh", "-c"])
    copies: list[tuple[PurePosixPath, PurePosixPath]] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    @property
    def variables(self) -> Mapping[str, str]:
        """Return what ``$name`` stands for: a variable wins over an argument of its name."""
        return self.arguments | self.environment

    def obey(self, instruction: str, value: str) -> None:
        """Take one instruction that says something about running."""
        match instruction:
            case "ENTRYPOINT":
                self.entrypoint = self._words(value)
                self.command = [] if self.inherited else self.command
            case "CMD":
                self.command, self.inherited = self._words(value), False
            case "ENV":
                self.environment |= _pairs(value, self.variables)
            case "WORKDIR":
                self.folder = self.folder / _unquoted(_expanded(value, self.variables))
            case "SHELL":
                self.shell = self._words(value)

    def _words(self, value: str) -> list[str]:
        """Read a command: a JSON list is run as it is, all else by the shell."""
        if value.lstrip().startswith("["):
            try:
                return [str(word) for word in json.loads(value)]
            except ValueError:
                pass
        return [*self.shell, value.strip()]

    def copied(self, value: str) -> tuple[str, list[tuple[PurePosixPath, PurePosixPath]]]:
        """Read COPY: the stage or image that it takes from (none: the sources), and each way."""
        options = [word[7:] for word in value.split() if word.startswith("--from=")]
        value = re.sub(r"^(\s*--\S+)+\s*", "", value)
        words = self._words(value)
        if value.lstrip()[:1] != "[":
            words = list(WordSplitter(_expanded(value, self.variables)).split())
        *sources, target = words
        into, found = self.folder / target, []
        for source in map(PurePosixPath, sources):
            inside = (len(sources) > 1 or target.endswith("/")) and source.suffix
            found.append((source, into / source.name if inside else into))
        return (_expanded(options[0], self.variables) if options else ""), found

    def take(self, other: Stage, source: PurePosixPath, target: PurePosixPath) -> None:
        """Copy from another stage: of what that copied from the sources, what lies at a path."""
        source = ROOT / source
        for theirs, at in list(other.copies):
            if at.is_relative_to(source):
                self.copies.append((theirs, target / at.relative_to(source)))
            elif source.is_relative_to(at):
                self.copies.append((theirs / source.relative_to(at), target))
        for mine, others in ((self.runs, other.runs), (self.skipped, other.skipped)):
            mine.extend(line for line in others if line not in mine)


@dataclass(frozen=True, kw_only=True)
class Program:
    """How the image's program runs in the folder of its sources.

    Paths are the image's until ``located``. ``folder`` is the working directory, ``skipped`` what
    only a build would do, ``copies`` which sources are copied where.
    """

    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: str = "/"
    image: str = ""
    runs: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    copies: tuple[tuple[PurePosixPath, PurePosixPath], ...] = ()

    def located(self, sources: Path) -> Program:
        """Return the program as it runs in a folder: its files are there, not in an image."""
        folder = self._source_of(self.folder, sources)
        return replace(
            self,
            entrypoint=tuple(self._placed(word, sources) for word in self.entrypoint),
            command=tuple(self._placed(word, sources) for word in self.command),
            environment={k: self._placed(v, sources) for k, v in self.environment.items()},
            folder=str(folder or sources),
        )

    def source_of(self, path: str, sources: Path) -> str | None:
        """Return the file of the sources that a command of the image means by a path."""
        placed = self._source_of(str(PurePosixPath(self.folder) / path), sources)
        found = placed or sources / path
        inside = found.is_file() and found.resolve().is_relative_to(sources.resolve())
        return os.path.relpath(found, sources) if inside else None

    def _placed(self, text: str, sources: Path) -> str:
        """Return a word with the image's paths replaced by the sources', where they are there."""
        parts = text.split(":")
        found = (self._source_of(part, sources) if part[:1] == "/" else None for part in parts)
        return ":".join(str(path or part) for path, part in zip(found, parts, strict=True))

    def _source_of(self, path: str, sources: Path) -> Path | None:
        """Return what a path of the image was copied from: the last copy wins; else None."""
        for source, target in reversed(self.copies):
            if path != "/" and PurePosixPath(path).is_relative_to(target):
                below = PurePosixPath(path).relative_to(target)
                found = sources / str(source).lstrip("/") / below
                if found.exists() and found.resolve().is_relative_to(sources.resolve()):
                    return found.absolute()
        parent = self._parent_of(PurePosixPath(path))
        found = sources / parent if parent else sources
        return found.absolute() if parent and found.is_dir() else None

    def _parent_of(self, path: PurePosixPath) -> str | None:
        """Return the folder whose parts were copied, one by one and under their own names, into a
        folder of the image; None where there is none.
        """
        parents = []
        for source, target in self.copies:
            if path != ROOT and path in target.parents:
                depth = len(target.relative_to(path).parts)
                if source.parts[-depth:] == target.parts[-depth:]:
                    parents.append(str(PurePosixPath(*source.parts[:-depth])).lstrip("/"))
        return max(parents, key=parents.count) if parents else None


def read(path: Path, target: str = "", args: Mapping[str, str] | None = None) -> Program:
    """Read a Dockerfile up to a stage (its last); ``args`` are values of its ARG.

    One that is not there says nothing.
    """
    if not path.is_file():
        return Program()
    text = path.read_text(encoding="utf-8", errors="replace")
    stage = _stage(text, target.lower(), args or {})
    return Program(
        entrypoint=tuple(stage.entrypoint),
        command=tuple(stage.command),
        environment=stage.environment,
        folder=str(stage.folder),
        image=stage.image,
        runs=tuple(stage.runs),
        skipped=tuple(stage.skipped),
        copies=tuple(stage.copies),
    )


def _stage(text: str, target: str, args: Mapping[str, str]) -> Stage:
    """Return the stage that is built, with what it takes from the stages before it."""
    stages: dict[str, Stage] = {}
    stage, outer = Stage(), dict[str, str]()
    plain, documents = _without_documents(text)
    for row in DockerfileParser(fileobj=io.BytesIO(plain.encode())).structure:
        instruction, value = str(row["instruction"]), str(row["value"])
        document = documents.get(int(row["startline"]))
        match instruction:
            case "FROM" if target in stages and target:
                break
            case "FROM":
                image, alias = _image(_expanded(value, outer))
                stage = _begun(stages.get(image.lower()), image)
                stages[str(len(stages))] = stages[alias or image] = stage
            case "ARG" if not stages:
                outer |= _given(_pairs(value, outer), args)
            case "ARG":
                stage.arguments |= _given(_arguments(value, stage, outer), args)
            case "RUN":
                stage.runs.append(document or value)
            case "COPY" | "ADD" if document is not None:
                stage.skipped.append(f"{instruction} {value}"[:LONGEST])
            case "COPY" | "ADD":
                _copy(stage, value, stages)
            case _:
                stage.obey(instruction, value)
    return stages.get(target, stage)


def _given(read: dict[str, str], args: Mapping[str, str]) -> dict[str, str]:
    """Return arguments with the values that the build gives them."""
    return {name: args.get(name, value) for name, value in read.items()}


def _copy(stage: Stage, value: str, stages: Mapping[str, Stage]) -> None:
    """Obey COPY: from the sources, or from a stage; an image's own files are no sources."""
    origin, rows = stage.copied(value)
    if not origin:
        stage.copies += rows
    elif other := stages.get(origin.lower()):
        for source, target in rows:
            stage.take(other, source, target)


def _image(value: str) -> tuple[str, str]:
    """Return the image that a stage begins with, and the stage's name."""
    words = [word for word in value.split() if not word.startswith("--")]
    named = len(words) > 2 and words[1].upper() == "AS"
    return (words[0] if words else ""), (words[2].lower() if named else "")


def _begun(base: Stage | None, image: str) -> Stage:
    """Begin a stage with what it inherits; arguments and the shell hold in their stage alone."""
    if base is None:
        return Stage(image=image)
    stage = deepcopy(base)
    stage.inherited, stage.arguments, stage.shell = True, {}, Stage().shell
    return stage


def _arguments(value: str, stage: Stage, outer: Mapping[str, str]) -> dict[str, str]:
    """Read ARG in a stage: without a value of its own it has the one from before the stages."""
    if "=" not in value:
        return {name: outer.get(name, "") for name in value.split()}
    return _pairs(value, stage.variables)


def _pairs(value: str, known: Mapping[str, str]) -> dict[str, str]:
    """Read ``name=value ...``, or ``name value``; ``known`` holds for the whole instruction."""
    words = list(WordSplitter(value).split(dequote=False))
    if words and "=" not in words[0]:
        name, _, rest = value.strip().partition(" ")
        return {name: _expanded(rest.strip(), known)}
    rows = (word.partition("=") for word in words)
    return {name: _unquoted(_expanded(text, known)) for name, _, text in rows}


def _unquoted(text: str) -> str:
    return str(WordSplitter(text.strip()).dequote())


def _expanded(text: str, known: Mapping[str, str]) -> str:
    """Replace variables; a text in single quotes stays as it is."""
    if text.startswith("'"):
        return text

    def value(match: re.Match[str]) -> str:
        bare, braced, sign, other = match.groups()
        if match.group() == r"\$":
            return "$"
        found = known.get(bare or braced, "")
        if sign == "+":
            return other if found else ""
        return found or (other or "")

    return _VARIABLE.sub(value, text)


def _without_documents(text: str) -> tuple[str, dict[int, str]]:
    """Take the bodies of here-documents out; they are returned by their instruction's line."""
    escape = "`" if _BACKTICK.match(text) else "\\"
    bodies, whole = dict[int, str](), list[str]()
    lines, first = iter(text.splitlines()), 0
    for line in lines:
        whole.append(line)
        if line.rstrip().endswith(escape):
            continue
        instruction, first = "\n".join(whole[first:]), len(whole)
        if _MAY_HAVE_DOCUMENTS.match(instruction):
            at = len(whole) - 1 - instruction.count("\n")
            for tabs, _, end in _DOCUMENT.findall(instruction):
                bodies[at] = "; ".join(_body(lines, end, tabs=bool(tabs)))
    return "\n".join(whole) + "\n", bodies


def _body(lines: Iterator[str], end: str, *, tabs: bool) -> list[str]:
    found = []
    for line in lines:
        if (line.lstrip("\t") if tabs else line) == end:
            break
        if line.strip() and not line.lstrip().startswith("#!"):
            found.append(line.strip())
    return found
