"""Refusals: what the contract answers where a request cannot be granted."""


class RefusedError(Exception):
    """A request that is refused, with its status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class NotFoundError(Exception):
    """A source says that it has no such thing."""


class UnreachableError(Exception):
    """A source cannot be asked, or did not answer in time."""
