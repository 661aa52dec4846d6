"""The network: one asyncio process with balancer, CDN, task dialers, TLS termination.

Comes in: what the daemon sends over one socket: egresses (listening sockets inside tasks), tasks to
dial, listeners and target groups. Goes out: traffic, and the results of health checks. It knows
only these routes; it never calls the emulator.
"""
