"""Measure the house: rooms, files, functions, calls. `python tools/measure.py` prints a table."""

from __future__ import annotations

import ast
import statistics
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
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


def modules() -> Iterator[tuple[Path, ast.Module]]:
    """Yield every module of the three distributions, parsed."""
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


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


def hidden_imports() -> Counter[str]:
    """Return how many imports stand inside functions, by room."""
    found: Counter[str] = Counter()
    for path, tree in modules():
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                inside = (
                    n for n in ast.walk(function) if isinstance(n, ast.Import | ast.ImportFrom)
                )
                found[room(path)] += sum(1 for _ in inside)
    return +found


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
    hidden = hidden_imports()
    print(f"imports inside functions: {sum(hidden.values())} {dict(hidden)}")


if __name__ == "__main__":
    main()
