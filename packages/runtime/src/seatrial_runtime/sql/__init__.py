"""What ``sql_guard`` is made of: what is allowed, the tree of a statement, and its answer."""
