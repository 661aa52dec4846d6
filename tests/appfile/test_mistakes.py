"""Twenty mistakes as a new user makes them: `check` names the cause of each, and a way on."""

from __future__ import annotations

import pytest

from seatrial.appfile import load
from seatrial.errors import AppFileError

HEAD = "app: shop\nregion: us-east-1\n"
# What is wrong, the file, a word of the message and a word of the fix.
MISTAKES = [
    ("a key that does not exist", "services: {web: {build: ./api, memmory: 1 GB}}",
     "unknown key `memmory`", "`memory`"),
    ("a key of compose", "services: {web: {build: ./api, environment: {A: b}}}",
     "unknown key `environment`", "`env:"),
    ("a number without its unit", "services: {web: {build: ./api, memory: 512}}",
     "no known unit", "`1 GB`"),
    ("a size that Fargate has not", "services: {web: {build: ./api, cpu: 1, memory: 1 GB}}",
     "does not offer", "memory: 2 GB"),
    ("a folder that is not there", "services: {web: {build: ./ap}}",
     "does not exist", "relative to the app file"),
    ("neither build nor image", "services: {web: {port: 8000}}",
     "neither `build` nor `image`", "./folder"),
    ("an image by its address", "services: {web: {image: 'https://hub.docker.com/_/nginx'}}",
     "not the name of an image", "repository:tag"),
    ("a database as a container", "services: {db: {image: 'postgres:16'}}",
     "managed service", "databases:"),
    ("public without a port", "services: {web: {build: ./api, public: /}}",
     "needs a port", "`port`"),
    ("port 80", "services: {web: {build: ./api, port: 80, public: /}}",
     "only root", "8080"),
    ("two services at one path",
     "services: {a: {build: ./api, port: 8000, public: /},"
     " b: {build: ./api, port: 8001, public: /}}",
     "already the route", "own path"),
    ("a use of what is not there",
     "services: {web: {build: ./api, uses: [dbb]}}\ndatabases: {db: {}}",
     "no `dbb`", "`db`"),
    ("a reference without its use",
     "services: {web: {build: ./api, env: {H: '${db.host}'}}}\ndatabases: {db: {}}",
     "needs `db` in `uses`", "Add `db`"),
    ("a shell line as a command", "services: {web: {build: ./api, command: 'a && b'}}",
     "shell operator", "exec b"),
    ("a password in env", "services: {web: {build: ./api, env: {DB_PASSWORD: hunter22}}}",
     "looks like", "secrets:"),
    ("a version that RDS has not", "databases: {db: {version: '12'}}",
     "does not offer PostgreSQL `12`", "16"),
    ("a region with a typo", "REGION", "not a region", "`us-east-1`"),
    ("a schedule in words",
     "services: {web: {build: ./api}}\njobs: {n: {service: web, command: x, schedule: daily}}",
     "not a schedule", "0 3 * * *"),
    ("a tab", "services:\n\tweb: {build: ./api}", "tab", "spaces"),
    ("a key without a value", "services: {web: {build: ./api}}\nlogs:\n", "no value",
     "remove the key"),
    ("an overlay of a removed service",
     "services: {web: {build: ./api}}\nenvironments: {prod: {services: {api: {count: 2}}}}",
     "no `services.api`", "environments.prod"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message", "fix"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES]
)
def test_a_new_user_s_mistake_is_named(write, text, message, fix):
    """One mistake is one problem, which says what is wrong and what to write instead."""
    whole = f"{HEAD}{text}\n"
    if text == "REGION":
        whole = "app: shop\nregion: us-esat-1\nservices: {web: {build: ./api}}\n"
    try:
        (found,) = load.check(load.read(write(whole)))
    except AppFileError as error:
        (found,) = error.problems
    assert message in found.message
    assert fix in found.fix
    assert found.place
