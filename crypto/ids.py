"""How ids look wherever they are signed, said or written down."""

from typing import Annotated

import msgspec

# How the ids of results begin that no call came to: no desk gives such a one (crypto D106).
WITHDRAWAL, SUPPRESSION = "wd:", "sp:"
TEST = "test_"  # how the id of a hand-over test begins, and no list's: a test file is told by it
Id = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9_.:-]{1,64}\Z")]  # no room for contents
