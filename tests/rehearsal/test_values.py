"""Values of secrets that are set by hand reach a rehearsal, also after its first `up`."""

from __future__ import annotations

import json

from seatrial.cloud.session import Session
from seatrial.events import Note
from seatrial.ops import secret as of_secret
from seatrial.rehearsal import values
from seatrial.resources.context import Context
from seatrial.target import Target

TEXT = """\
app: vals
region: us-east-1
buckets: {b: {}}
secrets: {token: by-hand, made: {generate: 20}, tokens: {keys: [jwt, admin]}}
"""


def test_a_value_that_is_set_later_replaces_the_placeholder(emulator, app, tmp_path):
    """Placeholders are said at each delivery and in the list; a set value takes their place."""
    found = app(TEXT)
    keys = (emulator.access_key, emulator.secret_key)
    session = Session(
        Target("dev", "123456789012", "us-east-1", tmp_path, emulator.endpoint, *keys)
    )
    names: list[str] = []
    source = values.source(tmp_path, found, lambda _: None, names)
    client = emulator.client("secretsmanager")
    for noun in found.secrets:
        client.create_secret(Name=Context(found).secret(noun), SecretString=source(noun))
    assert json.loads(source("tokens")) == dict.fromkeys(
        ("jwt", "admin"), "rehearsal-placeholder-tokens"
    )
    said: list[Note] = []
    assert values.deliver(tmp_path, found, session, said.append) == ["token", "tokens"]
    assert ["token" in note.text and note.warning for note in said] == [True, True]
    values.write(tmp_path, "token", "s3cret")
    assert values.deliver(tmp_path, found, session, said.append) == ["tokens"]
    name = Context(found).secret("token")
    assert client.get_secret_value(SecretId=name)["SecretString"] == "s3cret"
    listed = {one.name: (one.set, one.placeholder) for one in of_secret.listed(found, session)}
    assert listed["token"] == (True, False)
    assert listed["tokens"] == (False, True)
