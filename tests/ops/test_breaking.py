"""What a migration does to the code before it, read from its text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.appfile import load
from seatrial.model.app import App
from seatrial.ops import breaking_changes

CASES = {
    "create.sql": ("CREATE TABLE x (id int NOT NULL);", []),
    "drop.sql": ("alter table x drop column y; -- drop table x", ["drops a column"]),
    "given.sql": ("ALTER TABLE x ADD COLUMN y int NOT NULL DEFAULT 3;", []),
    "must.sql": ("ALTER TABLE x ADD y int NOT NULL;", ["adds a column that must be given"]),
    "two.sql": (
        "alter table a rename to b; alter table b alter column c type bigint",
        ["renames", "changes a column's type"],
    ),
    "declared.sql": ("-- seatrial: compatible\ndrop table x;", []),
    "warned.sql": ("-- seatrial: incompatible\nselect 1;", ["is declared incompatible"]),
    "comment.sql": ("/* drop table x */ select 1;", []),
    "forwards.py": (
        "def upgrade():\n    op.create_table('x')\ndef downgrade():\n    op.drop_table('x')\n", [],
    ),
    "alembic.py": ("def upgrade():\n    op.drop_column('x', 'y')\n", ["drops a column"]),
    "null.py": (
        "def upgrade():\n    op.alter_column('x', 'y', nullable=False)\n", ["forbids NULL"],
    ),
    "added.py": (
        "def upgrade():\n    op.add_column('x', sa.Column('y', sa.Int(), nullable=False))\n",
        ["adds a column that must be given"],
    ),
    "django.py": (
        "class Migration:\n    operations = [migrations.RemoveField('a', 'b')]\n",
        ["drops a column"],
    ),
    "said.py": ('"""Why we do not drop table x."""\n', []),
    "broken.py": ("def upgrade(:\n", []),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_takes_away_is_seen_and_what_adds_is_not(tmp_path: Path, name: str):
    """SQL, Alembic and Django files; downgrades, comments and docstrings do not count."""
    text, expected = CASES[name]
    (tmp_path / name).write_text(text)
    assert breaking_changes.found(tmp_path / name) == expected


@given(st.text())
def test_any_text_is_read(tmp_path_factory: pytest.TempPathFactory, text: str):
    """No file of migrations, whatever is in it, stops a deploy."""
    for ending in ("py", "sql"):
        file = tmp_path_factory.mktemp("any") / f"m.{ending}"
        file.write_text(text, encoding="utf-8", errors="replace")
        breaking_changes.found(file)


def test_only_new_and_changed_files_of_migrating_services_count(tmp_path: Path):
    """A file that the serving release had already is not looked at again."""
    (tmp_path / "api/migrations").mkdir(parents=True)
    (tmp_path / "api/Dockerfile").touch()
    (tmp_path / "api/main.py").write_text("x = 'DROP TABLE users'")
    (tmp_path / "api/migrations/1.sql").write_text("DROP TABLE old;")
    (tmp_path / "seatrial.yml").write_text(
        "app: a\nregion: us-east-1\n"
        "services: {api: {build: ./api, command: run, migrate: run migrations}}\n"
    )
    app = load.app_for(load.read(tmp_path / "seatrial.yml"), "dev")
    first = breaking_changes.files(app, tmp_path)
    assert list(first) == ["api/migrations/1.sql"]
    (tmp_path / "api/migrations/2.sql").write_text("ALTER TABLE x RENAME a TO b;")
    now = breaking_changes.files(app, tmp_path)
    assert breaking_changes.new(tmp_path, first, now) == ["api/migrations/2.sql renames"]
    assert breaking_changes.new(tmp_path, now, now) == []


def test_a_public_path_that_another_service_takes_over_is_a_risk():
    """Renaming a public service ends the old one and starts the new one: requests fail meanwhile.
    A service that stays, or another path, is none."""

    def app(name: str, path: str) -> App:
        row = {"build": ".", "port": 80, "public": {"path": [path]}}
        return App.model_validate({"app": "a", "region": "us-east-1", "services": {name: row}})

    (risk,) = breaking_changes.moved_paths(app("web", "/"), app("site", "/"))
    assert "services.site: it answers / instead of web, which ends" in risk
    assert breaking_changes.moved_paths(app("web", "/"), app("web", "/")) == ()
    assert breaking_changes.moved_paths(app("web", "/"), app("site", "/new")) == ()
    assert breaking_changes.moved_paths(None, app("web", "/")) == ()
