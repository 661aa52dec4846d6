"""How rehearsed tasks reach and are reached; nobody else knows.

The emulator's records stay AWS-shaped: a task has a private address of its subnet, a database its
AWS name. Two sandboxes make these true: ``namespaces`` (Linux) and ``loopback``.
"""
