"""What files show: size, code quality, datasets, and what came along."""

from __future__ import annotations

from pathlib import PurePosixPath

from registry.scores import licenses
from registry.scores.facts import Facts

GIB = 1 << 30
# Half of a device's memory may hold weights: Raspberry Pi 3B+ (1 GB), Jetson Nano (4 GB), a desktop
# of 16 GB, an r6i.2xlarge (64 GB).
DEVICES = {
    "raspberry_pi": GIB // 2,
    "jetson_nano": 2 * GIB,
    "desktop_pc": 8 * GIB,
    "aws_server": 32 * GIB,
}
# The same weights are often there in several formats; one is loaded: the first that is there.
FORMATS = (
    (".safetensors",),
    (".bin", ".pt", ".pth", ".ckpt"),
    (".gguf",),
    (".onnx",),
    (".h5", ".keras"),
    (".msgpack",),
    (".tflite",),
    (".pkl", ".joblib"),
)
# Parts of well-kept code and the signs of each: folders, or names of files.
SIGNS = {
    "tests": (0.30, ("tests", "test"), ("conftest.py", "pytest.ini", "tox.ini")),
    "automation": (0.20, (".github", ".circleci"), (".gitlab-ci.yml", "jenkinsfile")),
    "checks": (
        0.15,
        (),
        (".pre-commit-config.yaml", "ruff.toml", ".flake8", "mypy.ini", ".pylintrc", "setup.cfg",
         ".eslintrc.json", ".clang-format"),
    ),
    "packaging": (
        0.15,
        (),
        ("pyproject.toml", "setup.py", "requirements.txt", "package.json", "cargo.toml",
         "environment.yml", "cmakelists.txt", "go.mod"),
    ),
    "readme": (0.10, (), ("readme.md", "readme.rst", "readme.txt", "readme")),
    "license": (0.10, (), ("license", "license.md", "license.txt", "copying", "licence")),
}  # fmt: skip


def weights(files: dict[str, int]) -> int:
    """Return the bytes that must be loaded: of the preferred format, else of everything."""
    for endings in FORMATS:
        found = [size for path, size in files.items() if path.lower().endswith(endings)]
        if found:
            return sum(found)
    return sum(files.values())


def size_score(facts: Facts) -> dict[str, float] | None:
    """For each device, max(0, 1 - weights / half its memory); unknown without files."""
    if not facts.files:
        return None
    needed = weights(facts.files)
    return {device: max(0.0, 1 - needed / room) for device, room in DEVICES.items()}


def code_quality(facts: Facts) -> float | None:
    """The sum of what the code shows: tests 0.3, automation 0.2, checks 0.15,
    packaging 0.15, readme 0.1, license 0.1.

    The code is the linked repository's, else the artifact's own where it holds programs.
    """
    files = _code(facts)
    if not files:
        return None
    paths = [PurePosixPath(path.lower()) for path in files]
    names = {path.name for path in paths}
    folders = {part for path in paths for part in path.parts[:-1]}
    named_tests = any(n.startswith("test_") or n.endswith("_test.py") for n in names)
    score = 0.0
    for sign, (worth, within, files_named) in SIGNS.items():
        there = folders & set(within) or names & set(files_named)
        score += worth * bool(there or (sign == "tests" and named_tests))
    return min(1.0, score)


def _code(facts: Facts) -> dict[str, int]:
    if facts.repository and facts.repository.files:
        return facts.repository.files
    programs = (".py", ".js", ".ts", ".rs", ".go", ".cpp", ".c", ".java", ".ipynb")
    return facts.files if any(p.lower().endswith(programs) for p in facts.files) else {}


def dataset_and_code_score(facts: Facts) -> float | None:
    """Half for datasets, half for code: 0.5 where found, 0.25 where only named, 0 where neither."""
    datasets = 0.0
    if facts.datasets:
        datasets = 0.5 if any(d.found for d in facts.datasets) else 0.25
    code = 0.5 if _code(facts) else 0.25 if facts.linked_code else 0.0
    return datasets + code


def dataset_quality(facts: Facts) -> float | None:
    """The mean over the named datasets of: 0.25 a known license, 0.25 min(1, card words / 100),
    0.25 a schema, 0.25 sizes; 0 for one that cannot be found. Unknown where none is named.
    """
    if not facts.datasets:
        return None
    found = [
        0.25 * (licenses.normal(d.license) is not None)
        + 0.25 * min(1.0, d.card_words / 100)
        + 0.25 * d.has_schema
        + 0.25 * d.has_sizes
        if d.found
        else 0.0
        for d in facts.datasets
    ]
    return sum(found) / len(found)
