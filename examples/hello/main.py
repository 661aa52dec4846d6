"""The smallest service: greets, and says that it is well."""

import os

from fastapi import FastAPI

app = FastAPI(title="hello")


@app.get("/")
def greet(name: str = "world") -> dict[str, str]:
    """Greet somebody."""
    return {"message": f"{os.environ.get('GREETING', 'Hello')}, {name}!"}


@app.get("/health")
def health() -> dict[str, str]:
    """Say that this process answers."""
    return {"status": "ok"}
