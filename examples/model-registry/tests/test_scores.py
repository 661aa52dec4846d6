"""The scores: each formula by example, and what must hold for any facts at all."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_sources import CARD, MIT, TUNED
from registry.lineage import Edge, Graph, Node, costs, external_id
from registry.scores import card, files, licenses, people, rating
from registry.scores.facts import Dataset, Facts, Repository, code_link, parents
from registry.sources.port import header

FREE_LICENSES = Path("/usr/share/common-licenses")


def facts(**given: Any) -> Facts:
    """Return facts of a model."""
    known = {"name": "bert", "type": "model", "url": "https://x", "reference": "google/bert"}
    return Facts(**(known | given))


def of_card(text: str, **given: Any) -> Facts:
    """Return facts of a card."""
    head, body = header(text)
    return facts(metadata=head, card=body, **given)


def test_bus_factor_counts_people_who_share_evenly():
    """One author is 0, two equal ones 0.5, five 0.8; a lopsided pair lies between; none unknown."""
    known = [people.bus_factor(facts(authors=dict.fromkeys("abcde"[:n], 3))) for n in (1, 2, 5)]
    assert known == pytest.approx([0.0, 0.5, 0.8])
    lopsided = people.bus_factor(facts(authors={"a": 99, "b": 1}))
    assert lopsided is not None
    assert 0 < lopsided < 0.1
    assert people.bus_factor(facts()) is None
    code = Repository(url="u", authors={"x": 1, "y": 1})
    assert people.bus_factor(facts(authors={"a": 9}, repository=code)) == pytest.approx(0.5)


def test_reviewedness_is_a_part_or_unknown():
    """reviewed / changes; without a repository it is unknown, which the contract writes as -1."""
    assert people.reviewedness(facts(repository=Repository(url="u", changes=8, reviewed=2))) == 0.25
    assert people.reviewedness(facts()) is None
    assert rating.rate(facts())["reviewedness"] == -1


def test_performance_claims_by_evidence():
    """Verified, structured, tabled, mentioned, none, unknown: 1, 0.9, 0.7, 0.4, 0, unknown."""
    metric = {"type": "accuracy", "value": 0.9}
    index = [{"results": [{"dataset": {"type": "glue"}, "metrics": [metric]}]}]
    verified = json.loads(json.dumps(index).replace("0.9", '0.9, "verified": true'))
    cases = {
        1.0: facts(metadata={"model-index": verified}),
        0.9: facts(metadata={"model-index": index}),
        0.7: facts(card="## Results\n| task | score |\n|---|---|\n| a | 79.6 |\n"),
        0.4: facts(card="It has an accuracy of 91 on our data."),
        0.0: facts(card="A fine model."),
    }
    for wanted, given_ in cases.items():
        assert card.performance_claims(given_) == wanted
    assert card.performance_claims(facts()) is None
    assert card.performance_claims(facts(metadata={"model-index": [{"results": "x"}, 3]})) is None


def test_reproducibility_reads_code_and_never_runs_it(tmp_path: Path):
    """Python that parses, imports, names the model is 1; that parses, or a script, 0.5; else 0."""
    code = "```python\nimport os\nos.remove('bert')\n```"
    assert card.reproducibility(facts(card=code)) == 1.0
    assert card.reproducibility(facts(card="```python\nx = 1\n```")) == 0.5
    assert card.reproducibility(facts(card="words", files={"train.py": 1})) == 0.5
    assert card.reproducibility(facts(card="```python\nx = = 1\n```")) == 0.0
    assert card.reproducibility(facts(card="```python\n" + "(" * 5000 + "\n```")) == 0.0
    assert card.reproducibility(facts()) is None


def test_size_counts_the_weights_that_are_loaded():
    """One format is counted, not all; a device's score falls with the weights to 0."""
    both = {"model.safetensors": files.GIB, "pytorch_model.bin": files.GIB, "README.md": 5}
    assert files.weights(both) == files.GIB
    assert files.weights({"a.bin": 1, "b.bin": 2}) == 3
    assert files.weights({"data.csv": 7}) == 7
    found = files.size_score(facts(files=both))
    assert found == {"raspberry_pi": 0.0, "jetson_nano": 0.5, "desktop_pc": 0.875,
                     "aws_server": 1 - 1 / 32}  # fmt: skip
    assert files.size_score(facts()) is None


def test_code_and_dataset_scores():
    """What is found counts more than what is only named; what cannot be asked is not found."""
    named = facts(linked_code="https://github.com/a/b", datasets=(Dataset(name="d"),))
    assert files.dataset_and_code_score(named) == 0.5
    whole = Dataset(
        name="d", found=True, license="mit", card_words=500, has_schema=True, has_sizes=True
    )
    found = facts(
        repository=Repository(url="u", files={"setup.py": 1, "tests/a.py": 1}), datasets=(whole,)
    )
    assert files.dataset_and_code_score(found) == 1.0
    assert files.code_quality(found) == pytest.approx(0.45)
    assert files.dataset_quality(found) == 1.0
    assert files.dataset_quality(facts(datasets=(whole, Dataset(name="x")))) == 0.5
    assert files.dataset_quality(facts()) is None
    assert files.code_quality(facts(files={"model.safetensors": 1})) is None


def test_links_and_parents():
    """Code links, base models and datasets are read from header, text and configuration."""
    known = of_card(CARD)
    assert code_link(known) == "https://github.com/google-research/bert"
    assert code_link(facts(card="see https://github.com/sponsors/x and nothing")) is None
    tuned = of_card(TUNED, config={"_name_or_path": "google-bert/bert-base-uncased"})
    assert [(p.type, p.reference, p.source) for p in parents(tuned)] == [
        ("model", "google-bert/bert-base-uncased", "model_card"),
        ("dataset", "audience-data", "model_card"),
    ]
    local = facts(config={"_name_or_path": "/data/me/checkpoint-500"})
    assert parents(local) == ()
    assert parents(facts(config={"_name_or_path": "google/bert"})) == ()


def test_real_license_texts_are_recognised():
    """The licenses that installed packages carry are what their metadata says they are."""
    counts: Counter[str | None] = Counter()
    for distribution in metadata.distributions():
        named = (distribution.metadata.get("License-Expression") or "").lower()
        if named not in ("mit", "apache-2.0", "bsd-3-clause", "bsd-2-clause", "isc", "mpl-2.0"):
            continue
        for file in distribution.files or ():
            if file.name.upper() in ("LICENSE", "LICENSE.TXT", "LICENSE.MD", "COPYING"):
                if ".dist-info" not in file.parts[0] or len(file.parts) > 3:
                    continue  # of something that is packed inside
                text = Path(str(file.locate())).read_text(errors="replace")
                found = licenses.recognise(text)
                assert found in (named, None), distribution.name
                counts[found] += 1
    assert {"mit", "apache-2.0", "bsd-3-clause"} <= set(counts)
    assert counts[None] <= 0.1 * counts.total(), counts


@pytest.mark.skipif(not FREE_LICENSES.is_dir(), reason="only Debian keeps these texts")
def test_debians_license_texts_are_recognised():
    """GPL, LGPL, Apache, MPL, CC0 as Debian has them."""
    for name, wanted in {
        "GPL-2": "gpl-2.0", "GPL-3": "gpl-3.0", "LGPL-2.1": "lgpl-2.1", "LGPL-3": "lgpl-3.0",
        "Apache-2.0": "apache-2.0", "MPL-2.0": "mpl-2.0", "CC0-1.0": "cc0-1.0",
        "BSD": "bsd-3-clause",
    }.items():  # fmt: skip
        text = (FREE_LICENSES / name).read_text(errors="replace")
        assert licenses.recognise(text) == wanted, name
    assert licenses.recognise(MIT) == "mit"
    assert licenses.recognise("All rights reserved.") is None


COMPATIBLE = {
    ("apache-2.0", "mit"): True,
    ("apache-2.0", "gpl-3.0"): True,
    ("apache-2.0", "gpl-2.0"): False,
    ("mit", "gpl-2.0"): True,
    ("gpl-3.0", "mit"): False,
    ("gpl-3.0", "agpl-3.0"): True,
    ("gpl-2.0", "gpl-3.0"): False,
    ("lgpl-2.1", "mit"): True,
    ("openrail", "mit"): True,
    ("openrail", "gpl-3.0"): False,
    ("llama3", "apache-2.0"): True,
    ("cc-by-nc-4.0", "mit"): False,
    ("mit", "cc-by-nc-4.0"): False,
    ("cc-by-nd-4.0", "mit"): False,
    ("mit", "no-such-license"): False,
    ("other", "mit"): False,
    ("mit", None): False,
    (None, None): False,
}


@pytest.mark.parametrize(("pair", "wanted"), COMPATIBLE.items())
def test_license_pairs(pair: tuple[str | None, str | None], wanted: bool):
    """Which model may become part of which project."""
    assert licenses.compatible(*pair) is wanted


@given(st.text(max_size=40), st.sampled_from(sorted(licenses.KINDS)))
def test_an_unknown_license_goes_with_nothing(unknown: str, known: str):
    """A license that is not in the table is compatible in no direction."""
    if licenses.normal(unknown) is None:
        assert not licenses.compatible(unknown, known)
        assert not licenses.compatible(known, unknown)
        assert licenses.license_score(unknown) is None


@given(st.sampled_from(sorted(licenses.KINDS)), st.sampled_from(sorted(licenses.KINDS)))
def test_a_restricted_use_is_never_granted(one: str, other: str):
    """Non-commercial, no-derivatives and closed go with nothing, on either side."""
    never = (licenses.NON_COMMERCIAL, licenses.NO_DERIVATIVES, licenses.CLOSED)
    if {licenses.KINDS[one], licenses.KINDS[other]} & set(never):
        assert not licenses.compatible(one, other)


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
keys = st.sampled_from(["license", "datasets", "base_model", "model-index", "pipeline_tag",
                        "repository", "_name_or_path", "license_name"])  # fmt: skip
repositories = st.builds(
    Repository,
    url=st.just("u"),
    files=st.dictionaries(st.text(max_size=20), st.integers(0, 10**12), max_size=5),
    license=st.none() | st.sampled_from(["MIT", "GPL-2.0", "strange"]),
    authors=st.dictionaries(st.text(max_size=5), st.integers(0, 500), max_size=6),
    changes=st.just(10),
    reviewed=st.integers(0, 10),
)
any_facts = st.builds(
    Facts,
    name=st.text(min_size=1, max_size=20),
    type=st.sampled_from(["model", "dataset", "code"]),
    url=st.text(max_size=20),
    reference=st.text(max_size=20),
    card=st.text(max_size=400),
    metadata=st.dictionaries(keys, junk, max_size=5),
    config=st.dictionaries(keys, junk, max_size=3),
    files=st.dictionaries(st.text(max_size=20), st.integers(0, 10**13), max_size=5),
    license_text=st.text(max_size=100),
    authors=st.dictionaries(st.text(max_size=5), st.integers(0, 500), max_size=6),
    repository=st.none() | repositories,
    datasets=st.lists(st.builds(Dataset, name=st.text(max_size=9), found=st.booleans(),
                                card_words=st.integers(0, 10**6)), max_size=3).map(tuple),
    spent=st.just({"source": 0.25, "repository": 0.5}),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(any_facts, st.lists(st.floats(0, 1), max_size=4))
def test_any_facts_give_scores_in_range(known: Facts, above: list[float]):
    """Whatever a card says: scores within 0 and 1, or unknown; the net score as its weights say."""
    found = rating.rate(known, lambda: above)
    scores = {n: found[n] for n in (*rating.METRICS, "tree_score")}
    for name, value in scores.items():
        if name in found["unknown"]:
            assert value == (-1 if name == "reviewedness" else 0)
        else:
            assert 0 <= value <= 1
        assert found[f"{name}_latency"] > 0
    sizes = list(found["size_score"].values())
    assert all(0 <= value <= 1 for value in sizes)
    shown = {name: max(0.0, value) for name, value in scores.items()}
    shown["size_score"] = sum(sizes) / 4
    net = sum(weight * shown[name] for name, weight in rating.WEIGHTS.items())
    assert found["net_score"] == pytest.approx(net)
    assert math.isclose(sum(rating.WEIGHTS.values()), 1)
    assert found["bus_factor_latency"] >= 0.75
    assert rating.rate(known, lambda: above)["net_score"] == found["net_score"]


nodes = st.integers(2, 8)


@given(nodes.flatmap(lambda n: st.tuples(
    st.lists(st.integers(0, 10**12), min_size=n, max_size=n),
    st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=15),
    st.lists(st.booleans(), min_size=n, max_size=n))))  # fmt: skip
def test_cost_is_the_sum_over_the_lineage(drawn: tuple[Any, Any, Any]):
    """With dependencies, a cost is its own and all upstream, each once; cycles and diamonds too."""
    sizes, pairs, registered = drawn
    graph = Graph("0")
    for index, size in enumerate(sizes):
        there = registered[index] or index == 0
        made = Node(str(index), "n", "s", "model", registered=there, size=size if there else 0)
        graph.nodes[str(index)] = made
    graph.edges = [Edge(str(a), str(b), "r") for a, b in pairs]
    found = costs(graph, dependencies=True)
    assert set(found) == {node.id for node in graph.nodes.values() if node.registered}
    upstream, grown = {"0"}, True
    while grown:
        more = {str(a) for a, b in pairs if str(b) in upstream}
        grown = not more <= upstream
        upstream |= more
    wanted = sum(graph.nodes[n].size for n in upstream) / 1e6
    assert found["0"]["total_cost"] == pytest.approx(wanted)
    alone = costs(graph, dependencies=False)
    assert alone == {"0": {"total_cost": found["0"]["standalone_cost"]}}


@given(st.text(max_size=50), st.text(max_size=50))
def test_external_ids_match_the_contract(type_: str, reference: str):
    """What is not registered has an id that the contract allows, the same each time."""
    made = external_id(type_, reference)
    assert re.fullmatch(r"[a-zA-Z0-9\-]+", made)
    assert made == external_id(type_, reference)


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_card_has_a_header_or_none(text: str):
    """A card of any text is read without an error, and PostgreSQL takes what was read."""
    for whole in (text, f"---\n{text}\n---\nbody"):
        found, body = header(whole)
        assert isinstance(found, dict)
        assert "\\u0000" not in json.dumps(found)
        assert isinstance(body, str)
