"""Finders of what AWS holds already, in one file for each noun; ``existing`` asks them.

Comes in: a session, and what Terraform would create. Goes out: its import ID, or None. Forbidden
here: any call that changes something.
"""
