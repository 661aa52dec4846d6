"""Where artifacts come from. Each source names an artifact, tells facts, and gives its bytes.

Raised: NotFoundError where the source has no such thing, UnreachableError where it does not answer.
"""
