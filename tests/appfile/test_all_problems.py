"""Every problem in one run, also between fields; and the words that replace those of compose."""

from __future__ import annotations

import pytest
import yaml

from helpers import seatrial
from seatrial.appfile import load
from seatrial.errors import Problem

HEAD = "app: shop\nregion: us-east-1\n"
NINE = """\
app: shop
region: us-esat-1
services:
  api:
    build: ./api
    memroy: 1 GB
    cpu: 0.3
    port: 80
    public: /
    health: {path: "a b"}
    uses: [dbb]
    env: {A: "${db.hots}"}
  worker:
    build: ./api
    count: {min: 3, max: 2}
    cpu: lots
databases: {db: {version: 3}}
jobs: {nightly: {service: api, command: x, schedule: "0 0 30 2 *"}}
terraform:
  patches:
    aws_lb.main: {idle_timeout: soon}
"""


def problems(path) -> list[Problem]:
    """Return every problem of a file."""
    return load.check(load.read(path))


def test_a_file_with_many_faults_gives_all_of_them_at_once(write):
    """Faults of fields, between fields, of schedules and of patches come in one run of `check`."""
    path = write(NINE)
    done = seatrial("check", "--json", folder=path.parent)
    found = {row["key"] for row in yaml.safe_load(done.stdout)["problems"]}
    assert done.returncode == 2
    assert found == {
        "region",
        "services.api.memroy",
        "services.api.cpu",
        "services.api.port",
        "services.api.health.path",
        "services.api.uses.0",
        "services.api.env.A",
        "services.worker.count",
        "services.worker.cpu",
        "databases.db.version",
        "jobs.nightly.schedule",
        "terraform.patches.aws_lb.main.idle_timeout",
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("services: {api: {biuld: ./api}}", ["services.api.biuld"]),
        ("services: {api: {build: ./api, prot: 8000, public: /}}", ["services.api.prot"]),
        ("services: {api: {build: ./api, port: x, public: /}}", ["services.api.port"]),
        ("serviecs: {api: {build: ./api}}", ["serviecs"]),
        ("services: {api: {build: ./api, uses: [db]}}\ndatabases: {db: [1]}", ["databases.db"]),
        ("services: {api: {build: ./api, uses: [db]}}\ndatabases:\n  db:\n", ["databases.db"]),
        ("services: {api: {build: ./api}}\nenvironments: [a]", ["environments"]),
    ],
)
def test_what_only_follows_from_a_mistake_is_not_reported(write, text, expected):
    """A mistyped or unreadable key is one problem, without those that follow from its absence."""
    assert [problem.key for problem in problems(write(HEAD + text))] == expected


@pytest.mark.parametrize(
    ("key", "word"),
    [
        ("environment: {A: b}", "`env:"),
        ("env_file: .env", "secret import"),
        ("depends_on: [db]", "`uses: [db]`"),
        ("volumes: ['data:/data']", "buckets"),
        ("healthcheck: {test: x}", "health: /path"),
        ("user: app", "10001"),
        ("cron: '0 3 * * *'", "jobs:"),
        ("ports: ['8000:8000']", "port: 8000"),
        ("restart: always", "ECS starts"),
        ("secrets: [a]", "by-hand"),
        ("image: redis:7", "caches"),
        ("image: postgres:16", "databases"),
        ("image: 'https://nginx'", "repository:tag"),
    ],
)
def test_a_word_of_compose_gets_the_sentence_that_replaces_it(write, key, word):
    """Keys of a compose file are answered with the key for the same here, not a near word."""
    build = "" if key.startswith("image") else "build: ./api, "
    (found,) = problems(write(HEAD + f"services: {{api: {{{build}{key}}}}}"))
    assert word in found.fix


@pytest.mark.parametrize(
    ("key", "word"),
    [("version: '3.8'", "Remove it"), ("cron: x", "jobs:"), ("volumes: {}", "buckets"),
     ("name: x", "app: NAME"), ("environment: {A: b}", "`env`"), ("redis: {}", "caches")],
)  # fmt: skip
def test_a_word_at_the_top_of_a_foreign_file_gets_its_sentence(write, key, word):
    """So do keys at the top of compose, Copilot and Fly files."""
    (found,) = problems(write(HEAD + f"services: {{api: {{build: ./api}}}}\n{key}"))
    assert (found.code, word in found.fix) == ("appfile-unknown-key", True)


def test_app_may_be_a_service_s_name(app):
    """The one service of many a compose file is called `app`; `${app.name}` stays the app's."""
    found = app(HEAD + "services: {app: {build: ./api, env: {A: '${app.name}'}}}")
    assert list(found.services) == ["app"]


@pytest.mark.parametrize(
    ("command", "fix"),
    [
        ("uvicorn main:app --port $PORT", '[sh, -c, "exec uvicorn main:app --port $PORT"]'),
        ("python -m a && python -m b", '[sh, -c, "python -m a && exec python -m b"]'),
        ("cat a | wc", '[sh, -c, "cat a | wc"]'),
        ('echo "$HOME"', '[sh, -c, "exec echo \\"$HOME\\""]'),
    ],
)
def test_a_shell_is_advised_with_exec(write, command, fix):
    """SIGTERM must reach the program: the shell replaces itself by it."""
    text = yaml.safe_dump({"services": {"api": {"build": "./api", "command": command}}})
    (found,) = problems(write(HEAD + text))
    assert fix in found.fix


@pytest.mark.parametrize("command", ["echo 'a && b'", 'echo "a; b"', "find . -exec ls {} \\;",
                                     "echo 'costs $5'"])  # fmt: skip
def test_a_quoted_operator_is_no_operator(write, command):
    """What a shell would take literally is a plain word."""
    text = yaml.safe_dump({"services": {"api": {"build": "./api", "command": command}}})
    assert problems(write(HEAD + text)) == []


def test_a_python_project_without_a_command_is_refused(tmp_path):
    """The generated image has no command; a Procfile's is offered."""
    (tmp_path / "requirements.txt").write_text("fastapi\n")
    (tmp_path / "seatrial.yml").write_text(HEAD + "services: {web: {build: .}}")
    (found,) = problems(tmp_path / "seatrial.yml")
    assert (found.code, "uvicorn" in found.fix) == ("appfile-command", True)
    (tmp_path / "Procfile").write_text("web: gunicorn shop.wsgi\n")
    (found,) = problems(tmp_path / "seatrial.yml")
    assert "`command: gunicorn shop.wsgi`" in found.fix


def test_an_overlay_of_a_removed_service_says_so(write):
    """An overlay that changes what is no longer there does not report a missing build."""
    path = write(HEAD + "services: {web: {build: ./api}}\n"
                 "environments:\n  prod:\n    services: {wbe: {count: 2}}\n")  # fmt: skip
    (found,) = problems(path)
    assert "no `services.wbe`" in found.message
    assert found.fix == "Did you mean `web`?"


def test_check_of_an_unknown_environment_fails(write):
    """`check --env prod` of a file without it exits with 2, not silently with 0."""
    path = write(HEAD + "services: {web: {build: ./api}}\n")
    done = seatrial("check", "--env", "prod", folder=path.parent)
    assert (done.returncode, "no environment `prod`" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    "service",
    [
        "cpu: 1e309",
        "memory: " + "9" * 500 + " GB",
        "health: {path: /a b}",
        "health: {path: /é}",
        "health: {codes: '٢٠٠'}",
        "health: {codes: '299-200'}",
        "health: {codes: '600'}",
        "command: [python, '']",
        "command: []",
        "public: /a%b",
        "env: {A: '${api.internal_url}'}",
        "env: {" + ", ".join(f"B{n}: '{'x' * 9_000}'" for n in range(8)) + "}",
    ],
)  # fmt: skip
def test_what_aws_would_refuse_later_is_refused(write, service):
    """Each of these passed `check` once, and failed or hung `up`, or Terraform, or AWS."""
    text = HEAD + f"services: {{api: {{build: ./api, port: 8000, {service}}}}}"
    assert [problem.key.split(".")[0] for problem in problems(write(text))] == ["services"]


def test_a_name_that_reorders_text_is_shown_escaped(write):
    """Bidirectional marks do not reach the terminal."""
    path = write(HEAD + 'services: {api: {build: "./\\u202eipa"}}')
    done = seatrial("check", folder=path.parent)
    assert "\u202e" not in done.stdout
    assert "\\u202e" in done.stdout


def test_a_build_gets_every_problem_at_once(write, tmp_path):
    """Keys that only a Dockerfile takes, or only a generated one; a stage, a Dockerfile, a folder
    that are not there or lie outside: each at its key.
    """
    (tmp_path / "own").mkdir(exist_ok=True)
    (tmp_path / "own" / "Dockerfile").write_text("FROM a AS base\nFROM base as web\n")
    (tmp_path / "split" / "requirements").mkdir(parents=True)
    (tmp_path / "split" / "requirements" / "production.txt").touch()
    found = problems(
        write(
            HEAD
            + """services:
  a: {build: {context: ./own, target: wed, packages: [curl]}}
  b: {build: {context: ./split, target: x, args: {A: b}, secrets: {c: D}}, command: run}
  c: {build: {context: ./own, dockerfile: other}}
  d: {build: {context: ./own, dockerfile: ../../x}}
  e: {build: {context: ./none}}
  f: {build: {context: ./split, packages: [NOT_DEBIAN, libpq5]}, command: run}
  g: {build: {context: ./own, dockerfile: Dockerfile, target: WEB}, entrypoint: [env], command: run}
"""
        )
    )
    assert {problem.key for problem in found} == {
        "services.a.build.target", "services.a.build.packages", "services.b.build.target",
        "services.b.build.args", "services.b.build.secrets", "services.c.build.dockerfile",
        "services.d.build.dockerfile", "services.e.build.context",
        "services.f.build.packages.0",
    }  # fmt: skip
    assert next(p.fix for p in found if p.key == "services.a.build.target").startswith("Did you")
