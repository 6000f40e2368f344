"""Passwords: Argon2id (RFC 9106), in a thread, at the same cost for unknown logins.

At most `AT_ONCE` are worked on in a process: whoever floods the sign-in waits in its own
queue, and takes neither the memory nor the threads of those at work.
"""

import asyncio
import functools
import secrets
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from calllist.people.errors import PasswordTooWeak

LENGTH_LEAST = 12  # characters; NIST SP 800-63B-4 asks for 15 alone, 8 with a second factor
LENGTH_MOST = 256  # characters: nobody gets to make us hash a book
AT_ONCE = 2  # passwords; each takes 64 MiB and some tens of milliseconds
DISTINCT_LEAST = 5  # different characters: stops 「aaaaaaaaaaaa」

_hasher = PasswordHasher()  # RFC 9106, second recommended option: 64 MiB, 3 passes, 4 lanes
_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="password")


def judge(password: str, login: str) -> None:
    """Raises PasswordTooWeak."""
    if not LENGTH_LEAST <= len(password) <= LENGTH_MOST:
        raise PasswordTooWeak
    if len(set(password)) < DISTINCT_LEAST or login.casefold() in password.casefold():
        raise PasswordTooWeak


async def hashed(password: str) -> str:
    """The Argon2id string that is stored."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.hash, password)


async def same(stored: str | None, password: str) -> bool:
    """Whether the password is the stored one. Costs the same if nothing is stored."""
    if len(password) > LENGTH_MOST:
        password, stored = "", None
    return await asyncio.get_running_loop().run_in_executor(_threads, _same, stored, password)


def _same(stored: str | None, password: str) -> bool:
    try:
        _hasher.verify(stored or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


@functools.cache
def _nobodys() -> str:
    return _hasher.hash(secrets.token_urlsafe(32))
