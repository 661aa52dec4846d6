"""``seatrial diagram``: by the user's nouns, in the terminal and as SVG."""

from __future__ import annotations

import json
from xml.etree import ElementTree

from helpers import EXAMPLES, seatrial
from seatrial.cli import pictures
from seatrial.resources.picture import picture

SHOP = EXAMPLES / "shop"


def test_diagram_arrows_follow_the_app_file():
    """Arrows follow routes and `uses`; what nobody uses stands alone."""
    row = json.loads(seatrial("diagram", "--json", folder=SHOP).stdout)
    arrows = {tuple(arrow) for arrow in row["arrows"]}
    assert {
        ("/internet", "web"),
        ("web", "/edge"),
        ("/edge", "api"),
        ("packer", "orders"),
    } <= arrows
    assert ("packer", "texts") not in arrows
    kinds = {box["name"]: box["kind"] for box in row["boxes"]}
    assert kinds["db"] == kinds["texts"] == "data"


def test_diagram_in_the_terminal_lists_nodes_and_arrows():
    """A line for each noun with what it is and what it talks to."""
    shown = seatrial("diagram", "production", folder=SHOP).stdout
    assert "MySQL 8.4, 20 GB, two zones" in shown
    assert "api " in shown
    assert "──▶ db, cache, orders, texts" in shown
    assert "public: shop.example.com" in shown


def test_diagram_svg_has_no_overlapping_boxes(tmp_path, app):
    """Well formed, no script, text escaped; no two boxes touch, for a large app as well."""
    out = tmp_path / "shop.svg"
    assert seatrial("diagram", "--out", str(out), folder=SHOP).returncode == 0
    assert "script" not in out.read_text()
    many = "".join(
        f"  s{n}: {{build: ./api, command: run, port: 8080, public: /s{n}, uses: [db, s{n + 1}]}}\n"
        for n in range(20)
    )
    last = "  s20: {build: ./api, command: run, port: 8080}\n"
    text = f"app: large\nregion: us-east-1\nservices:\n{many}{last}databases: {{db: {{}}}}\n"
    root = ElementTree.fromstring(pictures.diagram(picture(app(text))))
    boxes = [
        tuple(int(node.attrib[key]) for key in ("x", "y", "width", "height"))
        for node in root.iter()
        if node.tag.endswith("rect") and "x" in node.attrib
    ]
    assert len(boxes) == 24
    for index, (x, y, w, h) in enumerate(boxes):
        for x2, y2, w2, h2 in boxes[index + 1 :]:
            assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y
