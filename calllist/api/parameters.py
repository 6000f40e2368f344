"""Names in an address that nobody knows are refused: a misspelt one must not pass unheard."""

import re

from fastapi import Request
from pydantic import BaseModel

from calllist.errors import CalllistError

NAME = re.compile(r"[a-z_]{1,32}")  # whatever else stands there could be anybody's


class ParameterUnknown(CalllistError):
    """A query parameter of this name does not exist. `known`: those that do.

    reason: the name, if it is a word; empty otherwise.
    """

    code = "unknown_parameter"

    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(self.code)
        self.reason = name if NAME.fullmatch(name) else ""
        self.known = known


def only_known(request: Request, model: type[BaseModel], *more: str) -> None:
    """Raises ParameterUnknown for the first name that is neither the model's nor one of `more`."""
    known = [*model.model_fields, *more]
    for name in request.query_params:
        if name not in known:
            raise ParameterUnknown(name, known)
