"""Real servers behind the records: PostgreSQL, MariaDB, Redis, and the certificates they show."""
