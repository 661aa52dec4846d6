"""The provider's schema, cut to the types in use."""

from __future__ import annotations

import contextlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.engine import schema
from seatrial.engine.terraform import Terraform

NAMES = st.text("abcdefghijklmnopqrstuvwxyz_0123456789", min_size=1, max_size=40)


def varint(number: int) -> bytes:
    """Return a number as a protobuf varint."""
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def field(number: int, body: bytes) -> bytes:
    """Return a length-delimited field."""
    return varint(number << 3 | 2) + varint(len(body)) + body


def entry(number: int, name: str, body: bytes) -> bytes:
    """Return an entry of a map from names to schemas."""
    return field(number, field(1, name.encode()) + field(2, body))


@given(
    st.dictionaries(NAMES.map(lambda n: f"aws_{n}"), st.binary(max_size=300), max_size=12),
    st.sets(NAMES.map(lambda n: f"aws_{n}"), max_size=4),
    st.lists(st.tuples(st.integers(20, 500), st.binary(max_size=40)), max_size=4),
    st.integers(0, 2**40),
)
def test_trim_keeps_named_types_and_unknown_fields(
    types: dict[str, bytes], others: set[str], unknown: list[tuple[int, bytes]], number: int
):
    """What is named stays to the byte, what is not goes, and fields of later versions stay."""
    wanted = frozenset(sorted(types)[::2]) | others
    rest = (
        b"".join(field(n, b"\x12" + body) for n, body in unknown) + varint(6 << 3) + varint(number)
    )
    whole = b"".join(entry(2, name, body) for name, body in types.items()) + rest
    expected = b"".join(entry(2, n, body) for n, body in types.items() if n in wanted) + rest
    assert schema.trim(whole, wanted) == expected
    assert schema.names(whole) == set(types)


@given(st.binary(max_size=200))
def test_trim_of_any_bytes_raises_at_most_one_error(data: bytes):
    """Bytes that are no message give ForeignMessageError, never another error."""
    with contextlib.suppress(schema.ForeignMessageError):
        schema.trim(data, frozenset())


def test_types_come_from_documents_and_states(tmp_path: Path):
    """Resources, data sources and what a state holds are named."""
    (tmp_path / "release").mkdir()
    body = {"resource": {"aws_ecs_service": {}}, "data": {"aws_region": {}}}
    (tmp_path / "release/main.tf.json").write_text(json.dumps(body))
    (tmp_path / schema.HELD).write_text('["aws_s3_bucket"]')
    found = schema.named_types(tmp_path)
    assert found == {"aws_ecs_service", "aws_region", "aws_s3_bucket"}


def test_hcl_of_the_user_asks_for_every_type(tmp_path: Path):
    """A `.tf` file may name any type, so nothing is left out."""
    (tmp_path / "release").mkdir()
    (tmp_path / "release/own.tf").write_text('resource "aws_sfn_activity" "x" { name = "x" }')
    assert schema.named_types(tmp_path) is None


def test_schema_is_asked_for_once_for_a_set_of_types(tmp_path: Path):
    """The second request is answered from disk; another set of types asks again."""
    program = tmp_path / "provider"
    program.write_bytes(b"a program")
    (tmp_path / "documents/release").mkdir(parents=True)
    document = tmp_path / "documents/release/main.tf.json"
    document.write_text('{"resource": {"aws_a": {}}}')
    store = schema.Store(tmp_path / "kept", program, tmp_path / "documents")
    requests = []

    def ask() -> bytes:
        requests.append(1)
        return entry(2, "aws_a", b"x") + entry(2, "aws_b", b"y")

    assert store.trimmed(ask) == store.trimmed(ask) == entry(2, "aws_a", b"x")
    document.write_text('{"resource": {"aws_b": {}}}')
    assert store.trimmed(ask) == entry(2, "aws_b", b"y")
    assert len(requests) == 2


def test_message_of_another_shape_passes_whole(tmp_path: Path):
    """A provider whose answer is not understood is believed: nothing is cut or kept."""
    program = tmp_path / "provider"
    program.write_bytes(b"a program")
    store = schema.Store(tmp_path / "kept", program, tmp_path)
    assert store.trimmed(lambda: b"\x07") == b"\x07"
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("content", [b"", b"short", b"\x04\0\0\0"])
def test_program_without_build_id_is_hashed(tmp_path: Path, content: bytes):
    """Programs without Go's note are distinguished by what they hold."""
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_bytes(content)
    other.write_bytes(content + b".")
    assert schema.build_id(one) != schema.build_id(other)


def test_types_are_read_while_the_other_root_is_written(tmp_path):
    """A plan works on both roots at once, and the provider of one reads the documents of both."""
    root = Terraform(folder=tmp_path / "release", variables={}, emit=lambda _: None)
    text = json.dumps({"resource": {"aws_vpc": {str(n): {} for n in range(20_000)}}})
    root.write({"main.tf.json": text}, {})
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(lambda: [root.write({"main.tf.json": text}, {}) for _ in range(60)])
        while not writing.done():
            assert schema.named_types(tmp_path) == {"aws_vpc"}
        writing.result()
