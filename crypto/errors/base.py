"""What every refusal has in common, and what is none: nobody answers, a file is refused."""

from typing import ClassVar


class Refusal(Exception):
    """The verb was not carried out. Raised in the keeper, and again by its client."""

    code: ClassVar[str]

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}" if self.detail else self.code


class KeeperUnavailable(Exception):
    """Nobody answers at the keeper's socket, or the answer did not come.

    If the connection broke in mid-call, the verb may or may not have been carried out:
    repeat it only where the verb says that repeating is harmless.
    """


class KeyFileRefused(Exception):
    """A key file is missing, readable by others, or not of the expected form."""
