"""The shop's API: orders in, orders out."""

from __future__ import annotations

import json
import os
from functools import cache as once
from typing import Annotated, Any

import boto3
from fastapi import FastAPI, Response
from pydantic import BaseModel, Field

from shop import store

app = FastAPI(title="shop", docs_url="/api/docs", openapi_url="/api/openapi.json")


class Order(BaseModel):
    """What somebody wants."""

    item: Annotated[str, Field(min_length=1, max_length=100)]
    quantity: Annotated[int, Field(ge=1, le=1000)] = 1


@once
def texts() -> dict[str, Any]:
    """Return the shop's words: a file of the bucket that every deploy fills."""
    found = boto3.client("s3", region_name=os.environ["AWS_REGION"]).get_object(
        Bucket=os.environ["TEXTS_BUCKET"], Key="shop.json"
    )
    return json.load(found["Body"])


@app.get("/api/health")
def health() -> dict[str, str]:
    """Say that this process answers."""
    return {"status": "ok"}


@app.get("/api/shop")
def shop() -> dict[str, Any]:
    """Return what the page shows first."""
    return texts()


@app.get("/api/orders")
def orders(response: Response) -> list[dict[str, Any]]:
    """Return every order; a header says where from."""
    rows, cached = store.orders()
    response.headers["x-from"] = "cache" if cached else "database"
    return rows


@app.post("/api/orders", status_code=201)
def order(wanted: Order) -> dict[str, int]:
    """Take an order, and let somebody pack it."""
    number = store.add(wanted.item, wanted.quantity)
    body = json.dumps({"order": number})
    boto3.client("sqs", region_name=os.environ["AWS_REGION"]).send_message(
        QueueUrl=os.environ["ORDERS_URL"], MessageBody=body
    )
    return {"id": number}
