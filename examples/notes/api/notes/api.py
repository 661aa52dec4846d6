"""Notes over HTTP."""

import hashlib
import hmac
import os
from datetime import datetime
from functools import cache
from typing import Any

import boto3
from botocore.exceptions import ClientError
from fastapi import FastAPI, HTTPException
from fastapi.responses import HTMLResponse, PlainTextResponse
from pydantic import BaseModel, Field

from notes.database import connection
from notes.page import PAGE

app = FastAPI(title="notes", version="1")


class NewNote(BaseModel):
    """What a note is made of."""

    title: str = Field(min_length=1, max_length=200)
    body: str = Field("", max_length=100_000)


class Note(NewNote):
    """A note that was written."""

    id: int
    written: datetime
    exported: datetime | None
    link: str


@cache
def bucket() -> Any:
    """Return the client of the bucket."""
    return boto3.client("s3")


def signed(number: int) -> str:
    """Return the path under which anybody who has it can read a note."""
    key = os.environ["LINK_KEY"].encode()
    mark = hmac.new(key, str(number).encode(), hashlib.sha256).hexdigest()[:32]
    return f"/shared/{number}/{mark}"


def note(row: dict[str, Any]) -> Note:
    """Return a row as a note."""
    return Note(**row, link=signed(row["id"]))


COLUMNS = "id, title, body, written, exported"


@app.get("/", response_class=HTMLResponse)
def page() -> str:
    """Show the page."""
    return PAGE


@app.get("/health")
def health() -> dict[str, str]:
    """Say that this process answers and its database does."""
    with connection() as db:
        db.execute("SELECT 1")
    return {"status": "ok", "release": os.environ.get("SEATRIAL_RELEASE", "")}


@app.get("/notes")
def notes() -> list[Note]:
    """List the newest notes."""
    with connection() as db:
        rows = db.execute(
            f"SELECT {COLUMNS} FROM notes WHERE removed IS NULL ORDER BY id DESC LIMIT 100"
        ).fetchall()
    return [note(row) for row in rows]


@app.post("/notes", status_code=201)
def write(new: NewNote) -> Note:
    """Write a note."""
    with connection() as db:
        row = db.execute(
            f"INSERT INTO notes (title, body) VALUES (%s, %s) RETURNING {COLUMNS}",
            (new.title, new.body),
        ).fetchone()
    return note(row or {})


@app.delete("/notes/{number}", status_code=204)
def remove(number: int) -> None:
    """Remove a note."""
    with connection() as db:
        done = db.execute(
            "UPDATE notes SET removed = now() WHERE id = %s AND removed IS NULL", (number,)
        )
        if not done.rowcount:
            raise HTTPException(404, "there is no such note")


@app.get("/notes/{number}/export", response_class=PlainTextResponse)
def exported(number: int) -> str:
    """Return what the worker wrote to the bucket."""
    try:
        found = bucket().get_object(Bucket=os.environ["EXPORTS_BUCKET"], Key=f"{number}.md")
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchKey":
            raise
        raise HTTPException(404, "not exported yet") from error
    return str(found["Body"].read().decode())


@app.get("/shared/{number}/{mark}", response_class=PlainTextResponse)
def shared(number: int, mark: str) -> str:
    """Show one note to whoever has its link."""
    if not hmac.compare_digest(signed(number), f"/shared/{number}/{mark}"):
        raise HTTPException(404, "there is no such note")
    with connection() as db:
        row = db.execute(
            "SELECT title, body FROM notes WHERE id = %s AND removed IS NULL", (number,)
        ).fetchone()
    if row is None:
        raise HTTPException(404, "there is no such note")
    return f"# {row['title']}\n\n{row['body']}\n"
