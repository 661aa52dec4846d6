"""Make the table; runs once per release and changes nothing the second time."""

import os

import psycopg

with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    connection.execute(
        "CREATE TABLE IF NOT EXISTS notes (id serial PRIMARY KEY, text text NOT NULL)"
    )
