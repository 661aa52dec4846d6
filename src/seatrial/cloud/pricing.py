"""List prices of today, from AWS's Price List API (``pricing:GetProducts``, free of charge)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from seatrial.cloud.session import Session, aws_errors

REGION = "us-east-1"  # one of the few that answer for all (Price List API, "Service endpoints")


def on_demand(session: Session, service: str, wanted: Mapping[str, str]) -> float | None:
    """Return the on-demand price by the hour of the one product with these attributes, in US
    dollars; None where there is none, or more than one price.
    """
    filters = [{"Type": "TERM_MATCH", "Field": k, "Value": v} for k, v in wanted.items()]
    with aws_errors(f"to ask for prices of {service}"):
        pages = session.at(REGION, "pricing").get_paginator("get_products")
        products = [
            json.loads(text)
            for page in pages.paginate(ServiceCode=service, Filters=filters)
            for text in page["PriceList"]
        ]
    found = {price for product in products for price in _hourly(product)}
    return found.pop() if len(found) == 1 else None


def _hourly(product: dict[str, Any]) -> list[float]:
    return [
        float(dimension["pricePerUnit"]["USD"])
        for offer in product["terms"].get("OnDemand", {}).values()
        for dimension in offer["priceDimensions"].values()
        if dimension["unit"] == "Hrs" and "USD" in dimension["pricePerUnit"]
    ]
