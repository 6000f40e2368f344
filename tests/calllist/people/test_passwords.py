"""What a password costs whoever steals its hash."""

import subprocess
import sys

from argon2 import extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY

PROGRAM = """
import asyncio
from calllist.people import passwords
print(asyncio.run(passwords.hashed("correct horse battery")))
"""


def test_a_password_costs_what_rfc_9106_asks_for() -> None:
    """In a process of its own: in the tests' own process passwords are cheap."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert extract_parameters(done.stdout.strip()) == RFC_9106_LOW_MEMORY
