"""stub"""


def not_shown() -> tuple[str, ...]:
    """Return what no rehearsal shows."""
    return ()
