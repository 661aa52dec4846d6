"""Text to model: YAML with line marks, environment overlays, all problems at once.

Comes in: a path. Goes out: an ``App``, or one error with every problem, each at its line.
Forbidden here: AWS, Terraform, and YAML's own typing of scalars.
"""
