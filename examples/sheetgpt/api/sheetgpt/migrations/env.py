"""How Alembic reaches the database: by the connection that sheetgpt.migrate opened."""

from alembic import context

from sheetgpt.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
