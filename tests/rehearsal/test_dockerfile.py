"""What a Dockerfile says about running: each rule of the Dockerfile reference that it relies on."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.rehearsal import dockerfile
from seatrial.rehearsal.dockerfile import Program


@pytest.fixture
def read(tmp_path: Path):
    """Return a reader of a Dockerfile's text, beside ``app/main.py`` and ``start.sh``."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "main.py").touch()
    (tmp_path / "start.sh").touch()

    def read_(text: str, target: str = "", **args: str) -> Program:
        (tmp_path / "Dockerfile").write_text(text)
        return dockerfile.read(tmp_path / "Dockerfile", target, args).located(tmp_path)

    return read_


def test_folder_without_a_dockerfile_says_nothing(tmp_path: Path):
    """No file: nothing is said about running."""
    assert dockerfile.read(tmp_path / "Dockerfile") == Program()


def test_exec_form_is_kept_and_shell_form_runs_in_the_shell(read):
    """A JSON list is run as it is; all else by the shell, which SHELL replaces."""
    assert read('FROM a\nCMD ["python", "x y"]\n').command == ("python", "x y")
    assert read("FROM a\nCMD python x\n").command == ("/bin/sh", "-c", "python x")
    text = 'FROM a\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\nENTRYPOINT exec a | b\n'
    assert read(text).entrypoint == ("/bin/bash", "-o", "pipefail", "-c", "exec a | b")


def test_entrypoint_and_command_are_one_program(read):
    """ENTRYPOINT comes before CMD, in whichever order the file has them."""
    found = read('FROM a\nCMD ["serve"]\nENTRYPOINT ["python", "-m"]\n')
    assert (found.entrypoint, found.command) == (("python", "-m"), ("serve",))


def test_last_stage_counts_with_what_it_inherits(read):
    """A stage made of another has its variables and command; other stages' are not its own."""
    text = """
FROM python:3.12 AS base
ENV KIND=base
CMD ["serve"]
FROM node:22 AS assets
ENV KIND=assets OTHER=1
FROM --platform=linux/amd64 base
ENV PORT=80
"""
    found = read(text)
    assert dict(found.environment) == {"KIND": "base", "PORT": "80"}
    assert found.command == ("serve",)
    assert read(text + 'ENTRYPOINT ["run"]\n').command == ()  # as docker: it resets the command


def test_arguments_have_defaults_and_stage_scope(read):
    """ARG before FROM is seen where a stage names it; ENV wins over ARG; its scope is the stage."""
    found = read("""
ARG TAG=3.12
ARG LEVEL=info
FROM python:${TAG} AS build
ARG SECRET=1
FROM build
ARG LEVEL
ARG PORT=8000
ENV LOG=$LEVEL PORT=9000
ENV URL=http://localhost:${PORT}/ GONE="[${SECRET}]" KEPT=${NONE:-default} ALSO=${LOG:+set}
""")
    assert dict(found.environment) == {
        "LOG": "info",
        "PORT": "9000",
        "URL": "http://localhost:9000/",
        "GONE": "[]",
        "KEPT": "default",
        "ALSO": "set",
    }


def test_variables_of_one_instruction_do_not_see_each_other(read):
    """ENV replaces variables by their values before the instruction; quotes and old form work."""
    found = read("FROM a\nENV a=hello\nENV a=bye b=$a c='$a' d=\"x y\" e=x\\ y\nENV f one two\n")
    assert dict(found.environment) == {
        "a": "bye", "b": "hello", "c": "$a", "d": "x y", "e": "x y", "f": "one two",
    }  # fmt: skip


def test_here_documents_are_no_instructions(read):
    """Lines of a here-document are not read as instructions; what it does is named as skipped."""
    found = read("""
FROM a
RUN <<EOF
apt-get update
CMD wrong
EOF
RUN cat <<-'END' > /etc/x && \\
    true
	ENV WRONG=1
	END
COPY <<EOF /app/settings
ENTRYPOINT wrong
EOF
CMD ["right"]
""")
    assert (found.command, found.entrypoint, dict(found.environment)) == (("right",), (), {})
    assert found.runs[0] == "apt-get update; CMD wrong"
    assert found.skipped[0].startswith("COPY <<EOF /app/settings")


def test_continued_lines_comments_and_another_escape_are_read(read):
    """Continuations go over comments; the escape directive replaces the backslash."""
    found = read("FROM a\nENV A=1 \\\n  # why\n  B=2\nRUN one && \\\n  two\n")
    assert dict(found.environment) == {"A": "1", "B": "2"}
    assert read("# escape=`\nFROM a\nENV A=1 `\n  B=2\n").environment == {"A": "1", "B": "2"}


@pytest.mark.parametrize(
    ("text", "folder"),
    [
        ("WORKDIR /srv\nCOPY . .", ""),
        ("WORKDIR /srv\nCOPY . .\nWORKDIR app", "app"),
        ("ARG R=/srv\nWORKDIR $R\nCOPY ./app .", "app"),
        ("COPY app /opt/it\nWORKDIR /opt/it", "app"),
        ('COPY ["app", "/opt/my app"]\nWORKDIR "/opt/my app"', "app"),
        ("COPY . /srv\nWORKDIR /elsewhere", ""),
        ("COPY --from=build app /srv\nWORKDIR /srv", ""),
    ],
)
def test_working_directory_is_where_it_was_copied_from(
    read, tmp_path: Path, text: str, folder: str
):
    """WORKDIR leads to the folder of the sources that lies there in the image."""
    assert read(f"FROM a\n{text}\n").folder == str(tmp_path / folder)


def test_paths_of_the_image_are_those_of_the_sources(read, tmp_path: Path):
    """A program or a variable that names a copied file names that of the sources here."""
    found = read("""
FROM a
WORKDIR /srv
COPY . .
COPY start.sh /usr/local/bin/
ENV PYTHONPATH=/srv/app:/usr/lib
ENTRYPOINT ["/usr/local/bin/start.sh"]
CMD ["/srv/app/main.py", "/srv/none"]
""")
    assert found.entrypoint == (str(tmp_path / "start.sh"),)
    assert found.command == (str(tmp_path / "app/main.py"), "/srv/none")
    assert found.environment["PYTHONPATH"] == f"{tmp_path}/app:/usr/lib"


def test_a_named_stage_is_read_with_its_arguments_and_what_it_takes_from_others(read, tmp_path):
    """The target's stage counts, ARG has the build's values, files of another stage are the
    sources that it copied, and only the lines of stages that are built are kept.
    """
    text = """
ARG PYTHON=3.9
FROM python:$PYTHON-slim AS base
FROM base AS builder
WORKDIR /code
COPY app/main.py /code/
COPY start.sh /code/bin/start.sh
RUN make all
FROM base AS production
ARG LEVEL=info
ENV LOG=$LEVEL
COPY --from=builder --chown=1:1 /code /srv
COPY --from=ghcr.io/astral-sh/uv:1 /uv /bin/
WORKDIR /srv
ENTRYPOINT ["/srv/bin/start.sh"]
FROM base AS development
RUN sleep 1
"""
    found = read(text, "production", PYTHON="3.13", LEVEL="debug")
    assert (found.image, found.environment["LOG"]) == ("python:3.13-slim", "debug")
    assert found.entrypoint == (str(tmp_path / "start.sh"),)
    assert found.folder == str(tmp_path / "app")
    assert found.runs == ("make all",)
    assert read(text).runs == ("sleep 1",)
