"""Put something into a registry for a first look: two models, a dataset and code, with lineage.

    python api/registry/seed.py http://127.0.0.1:20000

Over HTTP with the standard library, so that any Python runs it. The password comes from
REGISTRY_PASSWORD; without it, it is the one that a rehearsal makes up.
"""

from __future__ import annotations

import io
import json
import os
import sys
import urllib.error
import urllib.request
import zipfile
from typing import Any

ADMIN = os.environ.get("REGISTRY_USER", "ece30861defaultadminuser")
PASSWORD = os.environ.get("REGISTRY_PASSWORD", "rehearsal-placeholder-admin-password")
CARD = """\
---
license: apache-2.0
{front}---
# {name}

{about}

## Use

```python
from transformers import pipeline
print(pipeline("text-classification", model="{name}")("A good day"))
```

## Evaluation

| Benchmark | Accuracy |
|---|---|
| SST-2 | 0.93 |
| IMDb | 0.91 |
"""
# Name, type, what its card says of its origin, and its text.
EXAMPLES = (
    ("reviews", "dataset", "", "25,000 reviews of films, half of them good, half bad."),
    ("train-sentiment", "code", "", "How `sentiment-small` was trained, step by step."),
    ("encoder-base", "model", "", "A small encoder that reads English."),
    ("sentiment-small", "model", "base_model: encoder-base\ndatasets:\n- reviews\n",
     "Tells good reviews from bad ones; fine-tuned from `encoder-base` on `reviews`."),
)  # fmt: skip


class Client:
    """A registry, and a login in it."""

    def __init__(self, address: str) -> None:
        self.address, self.token = address.rstrip("/"), ""
        login = {"username": ADMIN, "password": PASSWORD}
        self.token = self.send("POST", "/authenticate", json.dumps(login).encode())["token"]

    def send(self, method: str, path: str, body: bytes) -> Any:
        """Send a request and return its answer; raises HTTPError."""
        headers = {"content-type": "application/json", "X-Authorization": self.token}
        request = urllib.request.Request(self.address + path, body, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())


def archive(name: str, front: str, about: str) -> bytes:
    """Return an artifact as a zip: a card, a configuration, a license, some weights."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("README.md", CARD.format(name=name, front=front, about=about))
        file.writestr("config.json", json.dumps({"model_type": "bert"}))
        file.writestr("LICENSE", "Apache License\nVersion 2.0, January 2004\n")
        file.writestr("model.safetensors", bytes(200_000))
    return made.getvalue()


def seed(address: str) -> list[str]:
    """Register the examples that are not there yet; return their names."""
    client, added = Client(address), []
    query = json.dumps([{"name": "*"}]).encode()
    there = {row["name"] for row in client.send("POST", "/artifacts", query)}
    for name, kind, front, about in EXAMPLES:
        if name in there:
            continue
        body = archive(name, front, about)
        url = client.send("POST", f"/upload?filename={name}.zip", body)["url"]
        client.send("POST", f"/artifact/{kind}", json.dumps({"url": url}).encode())
        added.append(name)
    return added


def main() -> None:
    """Seed the registry whose address was given."""
    if len(sys.argv) != 2:
        sys.exit("usage: python seed.py ADDRESS    (the address that `seatrial up` printed)")
    try:
        added = seed(sys.argv[1])
    except urllib.error.HTTPError as error:
        with error:
            sys.exit(f"the registry answered {error.code}: {error.read().decode()[:300]}")
    except OSError as error:
        sys.exit(f"{sys.argv[1]} does not answer: {error}")
    print(f"registered: {', '.join(added) or 'nothing, all of it is there'}")


if __name__ == "__main__":
    main()
