"""Bring the database to the shape this version needs; runs once a release, before it serves."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text

from seatrial_runtime import database, logs

LOCK = 31415  # any number, the same for every copy of this program


def migrate(engine: Engine) -> None:
    """Migrate; safe to run again, and by two at once: the second waits."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.connect() as lock:
        lock.execute(text("SELECT pg_advisory_lock(:n)"), {"n": LOCK})
        lock.commit()
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()


if __name__ == "__main__":
    logs.configure()
    migrate(database.engine())
    print("the database has the shape of this version")
