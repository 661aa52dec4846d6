"""Write every new note to the bucket as plain text."""

import os
import signal
import threading
from typing import Any

import boto3

from notes.database import connection

PAUSE = 1.0


def export(bucket: Any, name: str) -> int:
    """Export the notes that were not exported yet and return how many there were."""
    with connection() as db:
        rows = db.execute(
            "SELECT id, title, body FROM notes WHERE exported IS NULL AND removed IS NULL "
            "ORDER BY id LIMIT 50 FOR UPDATE SKIP LOCKED"
        ).fetchall()
        for row in rows:
            text = f"# {row['title']}\n\n{row['body']}\n"
            bucket.put_object(
                Bucket=name,
                Key=f"{row['id']}.md",
                Body=text.encode(),
                ContentType="text/markdown; charset=utf-8",
            )
            db.execute("UPDATE notes SET exported = now() WHERE id = %s", (row["id"],))
    return len(rows)


def main() -> None:
    """Export until SIGTERM."""
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    bucket = boto3.client("s3")
    print("worker is ready")
    while not ended.wait(PAUSE):
        if count := export(bucket, os.environ["EXPORTS_BUCKET"]):
            print(f"{count} notes exported")
    print("worker has ended")


if __name__ == "__main__":
    main()
