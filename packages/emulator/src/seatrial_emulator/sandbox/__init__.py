"""Starts tasks, and gives them the network that their addresses and names need.

The emulator's records are as on AWS: a task has a private address of its subnet, a database its
AWS name. Two sandboxes make these true: ``namespaces`` (Linux) and ``loopback``.
"""
