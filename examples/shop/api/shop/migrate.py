"""Make the table; runs once per release, before the new version takes traffic."""

from shop.store import cursor

with cursor() as made:
    made.execute(
        "CREATE TABLE IF NOT EXISTS orders (id INT AUTO_INCREMENT PRIMARY KEY, "
        "item VARCHAR(100) NOT NULL, quantity INT NOT NULL, packed BOOLEAN NOT NULL DEFAULT FALSE)"
    )
