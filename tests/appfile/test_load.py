"""App files, good and broken: every problem at once, each with line, key, code and fix."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seatrial.appfile import load
from seatrial.errors import AppFileError, Problem, UserError

HEAD = "app: shop\nregion: us-east-1\n"
API = "services:\n  api: {build: ./api, port: 8000, public: /}\n"


def problems(path: Path) -> list[Problem]:
    """Return every problem of a file, however it is broken."""
    try:
        return load.check(load.read(path))
    except AppFileError as error:
        return list(error.problems)


def test_every_problem_is_reported_with_its_line(write):
    """Problems of fields, references, uses and sizes come in one run, in the file's order."""
    path = write(
        HEAD
        + "services:\n"
        + "  api:\n"
        + "    build: ./api\n"
        + "    memroy: 1 GB\n"
        + "    cpu: 0.3\n"
        + "  worker:\n"
        + "    build: ./api\n"
        + "    uses: [dbb]\n"
        + "    env: {A: '${db.hots}'}\n"
        + "databases: {db: {version: 3}}\n"
    )
    found = [(p.code, p.place.line if p.place else 0) for p in problems(path)]
    assert found == [
        ("appfile-unknown-key", 6),
        ("appfile-fargate-size", 7),
        ("appfile-use", 10),
        ("appfile-reference", 11),
        ("appfile-engine-version", 12),
    ]
    first = problems(path)[0]
    assert first.fix == "Did you mean `memory`?"
    assert first.key == "services.api.memroy"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("app: a\n\tregion: x", "appfile-tab"),
        ("app: a\nregion: b\n---\napp: c", "appfile-syntax"),
        ("app: [", "appfile-syntax"),
        ("- a", "appfile-type"),
        ("", "appfile-missing-key"),
        (HEAD + API + "app: again", "appfile-duplicate-key"),
        (HEAD + API + "logs:\n", "appfile-null"),
        (HEAD + API + "logs: !!python/object:os.system {}", "appfile-tag"),
        (HEAD + API + "gateway: {}", "appfile-planned-key"),
        (HEAD + API + "environment: x", "appfile-unknown-key"),
        (HEAD + API + "environments: [a]", "appfile-environment"),
        (HEAD + API + "environments: {api: {}}", "appfile-environment"),
        (HEAD + API + "environments: {'7': {}}", "appfile-environment"),
        (HEAD, "appfile-empty"),
        ("app: A\nregion: us-east-1\n" + API, "appfile-pattern"),
        ("app: shop\nregion: us-esat-1\n" + API, "appfile-region"),
        (HEAD + "services: {api: {port: 1}}", "appfile-build"),
        (HEAD + "services: {api: {build: ./nowhere}}", "appfile-build"),
        (HEAD + "services: {api: {build: ../..}}", "appfile-build-outside"),
        (HEAD + "services: {api: {build: ./api, public: /}}", "appfile-route"),
        (HEAD + "services: {api: {build: ./api, port: http}}", "appfile-type"),
        (HEAD + "services: {api: {build: ./api, port: 70000}}", "appfile-range"),
        (HEAD + "services: {api: {build: ./api, port: 80}}", "appfile-range"),
        (HEAD + "services: {api: {build: ./api, port: 8000, public: {path: /, idle: 900 s}}}",
         "appfile-range"),
        (HEAD + "network: {outbound: endpoints}\nservices: {api: {image: 'nginx@sha256:"
         + "a" * 64 + "'}}", "appfile-build"),
        (HEAD + "edge: {kind: balancer, insecure: true}\n" + API + "users: true", "appfile-edge"),
        (HEAD + API + "users: {callbacks: ['http://example.com/done']}", "appfile-pattern"),
        (HEAD + API + "users: {callbacks: ['http://localhost.example.com/']}", "appfile-pattern"),
        (HEAD + "services: {api: {build: ./api, memory: 1024}}", "appfile-unit"),
        (HEAD + "services: {api: {build: ./api, cpu: 1, memory: 1 GB}}", "appfile-fargate-size"),
        (HEAD + "services: {api: {build: ./api, cpu: 0.7}}", "appfile-fargate-size"),
        (HEAD + "services: {api: {build: ./api, platform: mips}}", "appfile-choice"),
        (HEAD + "services: {api: {build: ./api, command: 'a | b'}}", "appfile-shell"),
        (HEAD + "services: {api: {build: ./api, command: 'a $HOME'}}", "appfile-shell"),
        (HEAD + "services: {api: {build: ./api, command: 'a \"'}}", "appfile-shell"),
        (HEAD + "services: {api: {build: ./api, count: {min: 3, max: 2}}}", "appfile-count"),
        (HEAD + "services: {api: {build: ./api, count: {max: 2}}}", "appfile-count"),
        (HEAD + "services: {api: {build: ./api, health: {timeout: 9 s}}}", "appfile-health"),
        (HEAD + "services: {api: {build: ./api, uses: [api]}}", "appfile-use"),
        (HEAD + "services: {api: {build: ./api, env: {PORT: '1'}}}", "appfile-variable-clash"),
        (HEAD + "services: {api: {build: ./api, env: {SEATRIAL_APP: x}}}",
         "appfile-variable-clash"),
        (HEAD + "services: {api: {build: ./api, env: {K: AKIAIOSFODNN7EXAMPLE}}}",
         "appfile-credential"),
        (HEAD + "services: {api: {build: ./api, env: {DB_PASSWORD: hunter22}}}",
         "appfile-credential"),
        (HEAD + "services: {api: {build: ./api, env: {U: 'postgres://u:p@h/d'}}}",
         "appfile-credential"),
        (HEAD + API + "buckets: {api: {}}", "appfile-name-twice"),
        (HEAD + API + "buckets: {app: {}}", "appfile-name-reserved"),
        (HEAD + API + "jobs: {j: {service: apo, command: x, schedule: '0 1 * * *'}}",
         "appfile-use"),
        (HEAD + API + "jobs: {j: {service: api, command: x, schedule: daily}}",
         "appfile-schedule"),
        (HEAD + API + "jobs: {j: {service: api, command: x, schedule: '0 1 * * *', "
         "timezone: Mars}}", "appfile-timezone"),
        (HEAD + API + "edge: balancer", "appfile-edge"),
        (HEAD + API + "edge: {kind: balancer, insecure: true}\nenvironments: {p: {}}",
         "appfile-edge"),
        (HEAD + API + "logs: {retention: 31 days}", "appfile-retention"),
        (HEAD + API + "  b: {build: ./api, port: 1, public: /}", "appfile-route"),
        (HEAD + "services: {api: {build: ./api, port: 1, public: {path: /, host: a.b}}}",
         "appfile-route"),
        (HEAD + "services:\n" + "".join(
            f"  s{n}: {{build: ./api, port: 8080, public: /s{n}}}\n" for n in range(51)),
         "appfile-limit"),
        (HEAD + "x: &a {y: *b}", "appfile-syntax"),
    ],
)  # fmt: skip
def test_broken_file_gives_its_error(write, text, code):
    """Each kind of mistake has its code, a fix, and never a traceback."""
    found = problems(write(text))
    assert code in {problem.code for problem in found}
    assert all(problem.fix for problem in found)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"app: \xff\xfe", "appfile-encoding"),
        (b"app: a\x00b", "appfile-control-character"),
        (b"app: a\x1b[31m", "appfile-control-character"),
        (b"a" * 1_000_001, "appfile-too-large"),
        (b"[" * 100_000, "appfile-too-large"),
        (b"a: &a [x,x]\n" + b"".join(
            b"%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n" % ((98 + i,) * 2 + (97 + i,) * 9)
            for i in range(9)), "appfile-too-large"),
        (b"a: [" + b"x," * 30_000 + b"]", "appfile-too-large"),
    ],
)  # fmt: skip
def test_hostile_files_are_refused_within_a_second(tmp_path, data, code):
    """Bombs of depth, size and aliases, and wrong encodings, are refused fast."""
    path = tmp_path / "seatrial.yml"
    path.write_bytes(data)
    begin = time.monotonic()
    assert [code] == [problem.code for problem in problems(path)]
    assert time.monotonic() - begin < 1


@pytest.mark.parametrize(
    ("text", "code", "count"),
    [
        ('services: {api: {build: "./api\\0"}}', "appfile-control-character", 1),
        ('services: {api: {build: ./api, env: {A: "\\x1b[2J"}}}', "appfile-control-character", 1),
        ("services: {api: [1, 2]}\nbuckets: {b: {}}", "appfile-type", 1),
        ("services: hi\nbuckets: {b: {}}", "appfile-type", 1),
    ],
)
def test_one_mistake_is_one_problem(write, text, code, count):
    """A wrong value is reported once, without the problems that only follow from it."""
    assert [code] * count == [problem.code for problem in problems(write(HEAD + text))]


def test_symlink_out_of_the_project_is_refused(write, tmp_path_factory):
    """A build that leaves the project by a symbolic link is refused."""
    outside = tmp_path_factory.mktemp("outside")
    (outside / "requirements.txt").touch()
    path = write(HEAD + "services: {api: {build: ./link}}")
    (path.parent / "link").symlink_to(outside)
    assert [problem.code for problem in problems(path)] == ["appfile-build-outside"]


def test_yaml_scalars_stay_text(app):
    """`no`, `12:30`, `1.10` and `0x1f` arrive as they are written."""
    found = app(HEAD + "services: {api: {build: ./api, env: {A: no, B: 12:30, C: 1.10, D: 0x1f}}}")
    assert found.services["api"].env == {"A": "no", "B": "12:30", "C": "1.10", "D": "0x1f"}


def test_bom_crlf_and_decomposed_text_are_read(tmp_path):
    """A byte order mark and CRLF are accepted; other normal forms become NFC, with a note."""
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "Dockerfile").touch()
    path = tmp_path / "seatrial.yml"
    text = HEAD + "services: {api: {build: ./api, env: {A: 'cafe\u0301'}}}\n"
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    file = load.read(path)
    assert load.app_for(file, "dev").services["api"].env["A"] == "caf\u00e9"
    assert len(file.tree.notes) == 1


@pytest.mark.G2
def test_overlay_merges_in_the_long_form(app):
    """`count: 2` and `count: {min: 3}` meet in the long form; lists are replaced."""
    text = (
        HEAD
        + "services: {api: {build: ./api, port: 8080, public: [/a, /b], count: {min: 1, max: 4, "
        + "target: {cpu: 70%}}}}\n"
        + "environments: {p: {services: {api: {count: {min: 3}, public: /c}}}}"
    )
    found = app(text, "p").services["api"]
    assert (found.count.min, found.count.most, found.public.path) == (3, 4, ("/c",))
    assert app(text, "p").profile == "production"
    assert app(text).profile == "development"


def test_problem_of_an_overlay_points_into_the_overlay(write):
    """A wrong value of an overlay is reported at the overlay's line."""
    path = write(HEAD + API + "environments:\n  p:\n    services: {api: {cpu: 99}}\n")
    (problem,) = problems(path)
    assert problem.place
    assert (problem.code, problem.place.line) == ("appfile-fargate-size", 7)


def test_anchor_and_merge_key_are_read(app):
    """Anchors and `<<` are accepted."""
    found = app(
        HEAD + "x-base: &base {build: ./api, cpu: 0.5, memory: 1 GB}\n"
        "services: {api: {<<: *base, port: 8080}, worker: *base}"
    )
    assert (found.services["api"].cpu, found.services["worker"].cpu) == (512, 512)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(max_size=200))
def test_arbitrary_text_never_gives_a_traceback(tmp_path, text):
    """No text whatever gives a traceback."""
    path = tmp_path / "seatrial.yml"
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    try:
        assert load.check(load.read(path))
    except UserError as error:
        assert error.exit_code == 2


YAML = st.recursive(
    st.text("abc:-{}[]&*!|>'\"% 0123\n", max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["services", "api", "build", "port", "uses", "env", "count", "databases",
                         "db", "public", "health", "command", "jobs", "secrets", "edge"]),
        inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(YAML)
def test_arbitrary_trees_never_give_a_traceback(tmp_path, tree):
    """Any shape of known keys gives problems with fixes, never a traceback."""
    import yaml

    path = tmp_path / "seatrial.yml"
    body = tree if isinstance(tree, dict) else {"services": tree}
    path.write_text(yaml.safe_dump({"app": "a", "region": "us-east-1", **body}))
    for problem in problems(path):
        assert problem.fix
        assert problem.place
