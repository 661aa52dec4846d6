"""Forget notes that were removed a month ago."""

from notes.database import connection


def main() -> None:
    """Delete them and say how many there were."""
    with connection() as db:
        gone = db.execute("DELETE FROM notes WHERE removed < now() - interval '30 days'").rowcount
    print(f"{gone} removed notes forgotten")


if __name__ == "__main__":
    main()
