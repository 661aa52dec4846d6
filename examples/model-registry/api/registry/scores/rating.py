"""A rating: every metric, what each took, and the net score."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from registry.scores import card, files, licenses, people
from registry.scores.facts import Facts, texts

Metric = Callable[[Facts], float | None]

# Parts of the net score; they add up to 1. An unknown score counts as 0: trust must be shown.
WEIGHTS = {
    "license": 0.15,
    "ramp_up_time": 0.10,
    "bus_factor": 0.10,
    "performance_claims": 0.10,
    "dataset_and_code_score": 0.10,
    "dataset_quality": 0.10,
    "code_quality": 0.10,
    "reproducibility": 0.10,
    "reviewedness": 0.05,
    "tree_score": 0.05,
    "size_score": 0.05,
}
# Which gathered facts a metric needs: their time belongs to its latency.
NEEDS = {
    "license": ("source",),
    "ramp_up_time": ("source",),
    "bus_factor": ("source", "repository"),
    "performance_claims": ("source",),
    "dataset_and_code_score": ("source", "repository", "datasets"),
    "dataset_quality": ("datasets",),
    "code_quality": ("repository",),
    "reproducibility": ("source",),
    "reviewedness": ("repository",),
    "size_score": ("source",),
}


def license_of(facts: Facts) -> str | None:
    """Return an artifact's license: its header's, its repository's, its text's; or None."""
    named = texts(facts.metadata.get("license")) + texts(facts.metadata.get("license_name"))
    own = facts.repository.license if facts.type == "code" and facts.repository else None
    for identifier in [*named, own]:
        if found := licenses.normal(identifier):
            return found
    return licenses.recognise(facts.license_text) if facts.license_text else None


def license_metric(facts: Facts) -> float | None:
    """1 permissive or public; 0.8 weak copyleft; 0.5 GPL; 0.4 with use restrictions; 0.3 AGPL;
    0.1 non-commercial; 0 no derivatives or closed. Unknown where the license is.
    """
    return licenses.license_score(license_of(facts))


METRICS: dict[str, Metric] = {
    "license": license_metric,
    "ramp_up_time": card.ramp_up_time,
    "bus_factor": people.bus_factor,
    "performance_claims": card.performance_claims,
    "dataset_and_code_score": files.dataset_and_code_score,
    "dataset_quality": files.dataset_quality,
    "code_quality": files.code_quality,
    "reproducibility": card.reproducibility,
    "reviewedness": people.reviewedness,
}


def tree_score(parents: Sequence[float]) -> float | None:
    """The mean of the net scores of the parents that are registered; unknown without any."""
    return sum(parents) / len(parents) if parents else None


def net_score(scores: dict[str, float | None], sizes: dict[str, float] | None) -> float:
    """sum of WEIGHTS[m] * score(m); unknown counts as 0, sizes by their mean; within 0 and 1."""
    known = {name: value or 0.0 for name, value in scores.items()}
    known["size_score"] = sum(sizes.values()) / len(sizes) if sizes else 0.0
    return min(1.0, max(0.0, sum(weight * known[name] for name, weight in WEIGHTS.items())))


def category(facts: Facts) -> str:
    """Return what a model is for: its header's pipeline tag, else its configuration's kind."""
    for value in (facts.metadata.get("pipeline_tag"), facts.config.get("model_type")):
        if isinstance(value, str) and value:
            return value[:100]
    return "unknown"


def rate(facts: Facts, parents: Callable[[], Sequence[float]] = tuple) -> dict[str, Any]:
    """Return the contract's ModelRating, and beside it ``unknown``: the scores nobody knows.

    A latency is the measured time of computing a score and, before that, of gathering its facts;
    in seconds. ``parents`` returns the net scores of the registered parents.
    """
    begun = time.perf_counter()
    found: dict[str, float | None] = {}
    spent: dict[str, float] = {}
    for name, metric in METRICS.items():
        found[name], spent[name] = _timed(name, facts, lambda metric=metric: metric(facts))
    found["tree_score"], spent["tree_score"] = _timed(
        "tree_score", facts, lambda: tree_score(parents())
    )
    sizes, spent["size_score"] = _timed("size_score", facts, lambda: files.size_score(facts))
    net = net_score(found, sizes)
    gathered = sum(facts.spent.values())
    answer: dict[str, Any] = {"name": facts.name, "category": category(facts)}
    answer |= {"net_score": net, "net_score_latency": gathered + time.perf_counter() - begun}
    for name, value in found.items():
        absent = -1.0 if name == "reviewedness" else 0.0
        answer[name] = absent if value is None else value
        answer[f"{name}_latency"] = spent[name]
    answer["size_score"] = sizes or dict.fromkeys(files.DEVICES, 0.0)
    answer["size_score_latency"] = spent["size_score"]
    unknown = [name for name, value in found.items() if value is None]
    answer["unknown"] = unknown if sizes else [*unknown, "size_score"]
    return answer


def _timed(name: str, facts: Facts, compute: Callable[[], Any]) -> tuple[Any, float]:
    begun = time.perf_counter()
    value = compute()
    gathered = sum(facts.spent.get(kind, 0.0) for kind in NEEDS.get(name, ()))
    return value, gathered + time.perf_counter() - begun


def below(rating: dict[str, Any], minimum: float) -> list[str]:
    """Return the known scores of a rating under a minimum, by name."""
    checked = ("net_score", *METRICS, "tree_score")
    return [n for n in checked if n not in rating["unknown"] and rating[n] < minimum]
