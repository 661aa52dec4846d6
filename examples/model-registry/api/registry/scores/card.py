"""What a model card shows: ramp-up time, performance claims, reproducibility."""

from __future__ import annotations

import ast
from typing import Any

import re2

from registry.scores.facts import Facts

WORDS = 300  # words of a card that explains itself
# RE2 takes time in proportion to the text, whatever a card's author writes.
USAGE = re2.compile(
    r"(?im)^#+.*\b(usage|how to use|quick ?start|getting started|example|inference)"
)
INSTALL = re2.compile(r"(?i)\b(pip3? install|conda install|docker run|requirements\.txt)\b")
DOCUMENTS = re2.compile(r"(?i)\]\(https?://[^)]*(docs|colab|notebook|tutorial|arxiv|blog)")
CODE = re2.compile(r"(?s)```[a-zA-Z0-9_+-]*[ \t]*\n.*?```")
PYTHON = re2.compile(r"(?s)```(?:python|py|Python|python3)[ \t]*\r?\n(.*?)```")
EVALUATION = re2.compile(r"(?im)^#+.*\b(eval|results?|performance|benchmarks?|metrics)")
NUMBERS = re2.compile(r"(?m)^\s*\|.*\b\d+(\.\d+)?\s*%?\s*\|")
CLAIM = re2.compile(r"(?i)\b(accuracy|f1|bleu|rouge|wer|perplexity|glue|squad|mmlu|map)\b.{0,40}\d")
SCRIPTS = (".ipynb", "train.py", "run.py", "finetune.py", "reproduce.sh", "train.sh", "eval.py")
BLOCK_LIMIT = 20_000  # characters of code that are parsed


def ramp_up_time(facts: Facts) -> float | None:
    """0.3 min(1, words / 300) + 0.3 a usage section + 0.2 code + 0.1 how to install + 0.1 links.

    Unknown without a card.
    """
    card = facts.card
    if not card.strip():
        return None
    return (
        0.3 * min(1.0, len(card.split()) / WORDS)
        + 0.3 * bool(USAGE.search(card))
        + 0.2 * bool(CODE.search(card))
        + 0.1 * bool(INSTALL.search(card))
        + 0.1 * bool(DOCUMENTS.search(card))
    )


def performance_claims(facts: Facts) -> float | None:
    """The best evidence there is, from 1.0 to 0.0; unknown without a card.

    1.0 a result in the header that somebody verified; 0.9 a result there with dataset and number;
    0.7 a table of numbers and an evaluation section; 0.4 a number beside a metric's name in the
    text; 0.0 none.
    """
    results = _results(facts.metadata.get("model-index"))
    if any(row.get("verified") is True for row in results):
        return 1.0
    if results:
        return 0.9
    if not facts.card.strip():
        return None
    if EVALUATION.search(facts.card) and NUMBERS.search(facts.card):
        return 0.7
    return 0.4 if CLAIM.search(facts.card) else 0.0


def _results(index: object) -> list[dict[str, Any]]:
    """Return the metrics of a header's model-index that have a dataset and a number."""
    found = []
    for model in _rows(index):
        for result in _rows(model.get("results")):
            if not isinstance(result.get("dataset"), dict):
                continue
            for metric in _rows(result.get("metrics")):
                value = metric.get("value")
                if isinstance(value, int | float) and not isinstance(value, bool):
                    found.append(metric)
    return found


def _rows(value: object) -> list[dict[str, Any]]:
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def reproducibility(facts: Facts) -> float | None:
    """1.0 the card's Python runs as it stands, as far as reading shows; 0.5 nearly; 0.0 no code.

    1.0: a block parses, imports what it uses and names the model. 0.5: a block parses, or there is
    a notebook or a training script. The code is never run. Unknown without a card and files.
    """
    if not facts.card.strip() and not facts.files:
        return None
    blocks = [m.group(1) for m in PYTHON.finditer(facts.card)]
    parsed = [block for block in blocks if _parses(block)]
    if any(_imports(block) and facts.name.lower() in block.lower() for block in parsed):
        return 1.0
    scripts = any(path.lower().endswith(SCRIPTS) for path in _all_files(facts))
    return 0.5 if parsed or scripts else 0.0


def _all_files(facts: Facts) -> list[str]:
    return [*facts.files, *(facts.repository.files if facts.repository else ())]


def _parses(block: str) -> bool:
    if len(block) > BLOCK_LIMIT or not block.strip():
        return False
    try:
        ast.parse(block.replace("\r\n", "\n"))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _imports(block: str) -> bool:
    return any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(ast.parse(block)))
