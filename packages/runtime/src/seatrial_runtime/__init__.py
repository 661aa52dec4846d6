"""What a deployed app may import: the extra ``seatrial-runtime[app]``.

Comes in: the environment that the platform promises (``contract.py``). Goes out: settings, a
database engine, a bucket, logs, metrics, health, a clean stop. Each module stands alone and works
in any FastAPI app, with Seatrial or without; importing this package imports nothing else.
docs/runtime.md shows each by example.
"""
