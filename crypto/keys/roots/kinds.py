"""What every kind of root can do, and how it says no."""

from typing import Protocol

FILE = "file"
SOFTWARE_TOKEN = "software-token"  # noqa: S105  # the name of a kind
HSM = "hsm: "  # and then maker, model, serial number


class RootRefused(Exception):
    """The root of this epoch is missing, damaged, readable by others, or its token is away."""


class Root(Protocol):
    """One root, unlocked."""

    def wrap(self, place: bytes, plaintext: bytes) -> bytes:
        """Nonce and ciphertext, bound to `place`. Raises RootRefused."""

    def unwrap(self, place: bytes, wrapped: bytes) -> bytes:
        """Raises DoesNotOpen, also when the root has been destroyed; RootRefused."""


class Roots(Protocol):
    """One kind of root, in one place."""

    @property
    def assurance(self) -> str:
        """What certificates say about it."""

    def create(self, epoch: int) -> Root:
        """A fresh root, durable before it is returned. A leftover of the number is replaced."""

    def unlock(self, epoch: int) -> Root:
        """Raises RootRefused; RootGone if there is none, and nothing else is wrong."""

    def destroy(self, epoch: int) -> None:
        """For good, durably. Repeated: nothing to do. Raises RootRefused."""

    def epochs(self) -> set[int]:
        """The epochs whose roots are here."""

    def close(self) -> None:
        """Let go of every handle."""


class RootGone(RootRefused):
    """There is no root of this epoch."""
