"""Measure the house: rooms, files, functions, calls. `python tools/measure.py` prints a table."""

from __future__ import annotations

import ast
import statistics
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import astuple, dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = ("src", "packages/emulator/src", "packages/runtime/src")
MOST_POSITIONAL = 5


@dataclass(frozen=True)
class Call:
    """A call with many positional arguments."""

    place: str
    name: str
    count: int


@cache
def parsed(path: Path) -> ast.Module:
    """Return a file parsed, once for all who look at it."""
    return ast.parse(path.read_text(encoding="utf-8"))


def modules() -> Iterator[tuple[Path, ast.Module]]:
    """Yield every module of the three distributions, parsed."""
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path, parsed(path)


def room(path: Path) -> str:
    """Return the room of a module: its folder below the distribution's package."""
    parts = path.relative_to(ROOT).parts
    inside = parts[parts.index("src") + 1 :]
    return "/".join(inside[:2]) if len(inside) > 2 else inside[0]


def lines_by_room() -> Counter[str]:
    """Return each room's number of lines."""
    found: Counter[str] = Counter()
    for path, _ in modules():
        found[room(path)] += len(path.read_text(encoding="utf-8").splitlines())
    return found


def function_lengths() -> list[int]:
    """Return the length of each function in lines."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return [
        (node.end_lineno or 0) - node.lineno + 1
        for _, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, kinds)
    ]


def file_lengths() -> list[int]:
    """Return the length of each file in lines."""
    return [len(path.read_text(encoding="utf-8").splitlines()) for path, _ in modules()]


def crowded_calls() -> list[Call]:
    """Return the calls with more than five positional arguments."""
    return [
        Call(f"{path.relative_to(ROOT)}:{node.lineno}", ast.unparse(node.func), len(node.args))
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and len(node.args) > MOST_POSITIONAL
    ]


def dotted(path: Path) -> str:
    """Return the name that a module of ours is imported by."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[parts.index("src") + 1 :]).removesuffix(".__init__")


def _imported(node: ast.stmt, ours: Collection[str]) -> Iterator[str]:
    """Yield the modules that an import statement loads: of ours, the submodules it names."""
    match node:
        case ast.Import(names=names):
            yield from (name.name for name in names)
        case ast.ImportFrom(module=str(module), names=names):
            inside = [f"{module}.{name.name}" for name in names]
            yield from {name if name in ours else module for name in inside}


def _at_the_top(tree: ast.Module) -> Iterator[ast.stmt]:
    """Yield the imports that run when a module is loaded."""
    waiting: list[ast.AST] = list(tree.body)
    for node in waiting:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting += node.orelse
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting += list(ast.iter_child_nodes(node))


def imported_by(path: Path) -> Iterator[str]:
    """Yield the modules that a file outside the distributions imports, wherever it does."""
    ours = top_imports()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from _imported(node, ours)


@cache
def top_imports() -> dict[str, set[str]]:
    """Return what each module of ours imports when it is loaded."""
    trees = {dotted(path): tree for path, tree in modules()}
    return {
        module: {name for node in _at_the_top(tree) for name in _imported(node, trees)}
        for module, tree in trees.items()
    }


def loaded_by(module: str, imports: Mapping[str, set[str]]) -> set[str]:
    """Return a module with everything that its import loads, packages of others by their name."""
    found, waiting = set[str](), [module]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        waiting += imports.get(name, ())
        waiting += [name.rpartition(".")[0]] if "." in name else []
    return found


@dataclass(frozen=True)
class LateImport:
    """An import inside a function of a module."""

    module: str
    function: str
    imported: str


@cache
def late_imports() -> list[LateImport]:
    """Return the imports that stand inside functions."""
    trees = {dotted(path): tree for path, tree in modules()}
    found = {
        LateImport(module, function.name, name)
        for module, tree in trees.items()
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in _imported(node, trees)
    }
    return sorted(found, key=astuple)


def main() -> None:
    """Print the table."""
    rooms = lines_by_room()
    total = sum(rooms.values())
    for name, lines in rooms.most_common():
        print(f"{name:32} {lines:6} lines  {lines / total:6.1%}")
    for what, sizes in (("functions", function_lengths()), ("files", file_lengths())):
        ninth = statistics.quantiles(sizes, n=10)[8]
        middle = statistics.median(sizes)
        print(f"{what}: {len(sizes)}, median {middle:g}, p90 {ninth:g}, most {max(sizes)}")
    calls = crowded_calls()
    print(f"calls with more than {MOST_POSITIONAL} positional arguments: {len(calls)}")
    for call in sorted(calls, key=lambda c: -c.count):
        print(f"  {call.count:2} {call.name}  {call.place}")
    late = Counter(".".join(found.module.split(".")[:2]) for found in late_imports())
    print(f"imports inside functions: {late.total()} {dict(late.most_common())}")


if __name__ == "__main__":
    main()
