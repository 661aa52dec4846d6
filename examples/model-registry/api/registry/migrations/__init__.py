"""Alembic's scripts; ``python -m registry.migrate`` runs them."""
