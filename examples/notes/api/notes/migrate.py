"""Bring the database to the shape this version needs; runs before it takes traffic."""

from notes.database import TABLE, connection


def main() -> None:
    """Migrate; safe to run again."""
    with connection() as db:
        db.execute("SELECT pg_advisory_xact_lock(4711)")  # two migrations at once: one waits
        db.execute(TABLE)
    print("the table of notes is there")


if __name__ == "__main__":
    main()
