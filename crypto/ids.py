"""How ids look wherever they are signed, said or written down."""

from typing import Annotated

import msgspec

Id = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9_.:-]{1,64}\Z")]  # no room for contents
