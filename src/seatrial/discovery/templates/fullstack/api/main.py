"""An API over one table."""

import os

import psycopg
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI(docs_url="/api/docs", openapi_url="/api/openapi.json")


class Note(BaseModel):
    text: str


def connect() -> psycopg.Connection:
    return psycopg.connect(os.environ["DATABASE_URL"])


@app.get("/api/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/api/notes")
def notes() -> list[str]:
    with connect() as connection:
        return [row[0] for row in connection.execute("SELECT text FROM notes ORDER BY id")]


@app.post("/api/notes", status_code=201)
def add(note: Note) -> dict[str, str]:
    with connect() as connection:
        connection.execute("INSERT INTO notes (text) VALUES (%s)", (note.text,))
    return {"text": note.text}
