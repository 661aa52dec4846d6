"""What a deployment decides."""

from dataclasses import dataclass
from typing import Literal

from seatrial_runtime.settings import Secret


@dataclass(frozen=True)
class Settings:
    """The environment's variables, by their lower-case names."""

    session_key: Secret  # signs access tokens
    writer_model: str = ""  # the Bedrock model that the chat asks; without one the chat says so
    log_level: Literal["debug", "info", "warning"] = "info"
    pool: int = 10  # connections to the database
    token_minutes: int = 30
    refresh_days: int = 14
    largest_upload: int = 30 << 20  # bytes
