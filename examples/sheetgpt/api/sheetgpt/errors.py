"""What the API refuses."""


class RefusedError(Exception):
    """A request that cannot be carried out; ``status`` is HTTP's."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message
