"""A small API: greets, and says that it is well."""

import os

from fastapi import FastAPI

app = FastAPI()


@app.get("/")
def greet(name: str = "world") -> dict[str, str]:
    return {"message": f"{os.environ.get('GREETING', 'Hello')}, {name}!"}


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}
