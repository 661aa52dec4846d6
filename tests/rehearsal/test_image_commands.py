"""RUN lines of public Dockerfiles: what a rehearsal installs too, and what the others hide."""

from __future__ import annotations

import pytest

from seatrial.rehearsal import image_commands


def test_packages_that_pip_names_one_by_one_are_installed_too():
    """Requirements by name, with extras and versions; no options, files, folders or tools."""
    runs = (
        "--mount=type=cache,target=/cache pip install --no-cache-dir -r requirements.txt",
        "pip install --upgrade pip==24.0 wheel && python -m pip install gunicorn==23.0.0 -e .",
        "if [ x ]; then uv pip install --system 'uvicorn[standard]>=0.30' -c limits.txt; fi",
        '["pip", "install", "six"]',
        "apt-get install -y curl",
    )
    wanted = ("gunicorn==23.0.0", "uvicorn[standard]>=0.30", "six")
    assert image_commands.requirements(runs) == wanted


@pytest.mark.parametrize(
    "line",
    [
        "apt-get update && apt-get clean && rm -rf /var/lib/apt/lists/*",
        "pip install -r requirements.txt",
        "uv sync --frozen --no-dev",
        "poetry config virtualenvs.create false && poetry install --only main",
        "npm ci --omit=dev",
        "set -eux; mkdir -p /app; apt-get install -y --no-install-recommends bash",
        "python -m venv /venv",
    ],
)
def test_what_is_rehearsed_or_hides_nothing_is_not_named(line: str):
    """An environment has the packages of the lock; a package that this machine has is found."""
    assert image_commands.notes([line], ()) == ()


def test_each_other_command_is_named_with_what_it_hides():
    """System packages that are not here in one sentence, by package or program; then a line each
    for owners, downloads, and what makes files.
    """
    runs = [
        "apt-get update && apt-get install -y sh no-such-library=1.2 && chown -R app /srv",
        "curl https://example.com/x | sh",
        "SECRET_KEY=x python manage.py collectstatic --noinput; npm run build",
    ]
    missing, *rest = image_commands.notes(runs, ("no-such-program", "bash"))
    assert "the image's no-such-program, no-such-library: this machine has no" in missing
    assert [line.partition("`")[2].partition("`")[0] for line in rest] == [
        "chown -R app /srv", "curl https://example.com/x | sh",
        "python manage.py collectstatic --noinput", "npm run build",
    ]  # fmt: skip
    assert rest[0].endswith("user 10001 may not read in the image may be read here")
    assert rest[1].endswith("what it downloads is missing here")
    assert "what it makes is missing here" in rest[2]
