"""Tags, patches and files of the user: on everything they name, and never evaluated."""

from __future__ import annotations

import pytest

from graphs import API, HEAD, Make
from seatrial.appfile import load
from seatrial.errors import UserError
from seatrial.resources.catalog import graph
from seatrial.terraform import document


def test_tags_are_on_everything_and_never_evaluated(app: Make):
    """They are default tags of the provider."""
    made = graph(app(HEAD + "queues: {q: {}}\ntags: {team: data, cost center: '12'}"))
    tags = document.documents(made)["foundation"]["provider"]["aws"][0]["default_tags"][0]["tags"]
    assert tags["team"] == "data"
    assert tags["seatrial:app"] == "shop"


def test_a_patch_changes_what_it_names_and_is_never_evaluated(app: Make):
    """Maps merge, also in a block; `${` stays text; an unknown address is refused."""
    text = (
        HEAD
        + API % ""
        + """terraform:
  patches:
    aws_cloudfront_distribution.main:
      {comment: "${path.root}", default_cache_behavior: {compress: false}}
"""
    )
    body = document.documents(graph(app(text)))["foundation"]["resource"]
    found = body["aws_cloudfront_distribution"]["main"]
    assert found["comment"] == "$${path.root}"
    assert found["default_cache_behavior"][0]["compress"] == "false"
    assert found["default_cache_behavior"][0]["target_origin_id"] == "balancer"
    with pytest.raises(UserError, match=r"aws_lb\.mian"):
        graph(app(HEAD + API % "" + "terraform: {patches: {aws_lb.mian: {a: b}}}"))


def test_own_terraform_files_stand_beside_the_generated_one(write, tmp_path):
    """Their text is in the document, so that a release's record holds it; not in main.tf.json."""
    (tmp_path / "extra.tf").write_text('output "x" { value = 1 }\n')
    file = load.read(write(HEAD + "queues: {q: {}}\nterraform: extra.tf"))
    bodies = document.documents(graph(load.app_for(file, "dev")))
    found = document.files(bodies["foundation"])
    assert found["extra.tf"] == 'output "x" { value = 1 }\n'
    assert 'output "x"' not in found["main.tf.json"]
    assert set(document.files(bodies["release"])) == {"main.tf.json"}
