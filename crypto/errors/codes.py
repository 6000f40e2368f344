"""From the code that travels over the wire back to its refusal."""

import inspect

from crypto.errors import keeper, lists, people, records, statements, uploads
from crypto.errors.base import Refusal

BY_CODE: dict[str, type[Refusal]] = {
    kind.code: kind
    for module in (keeper, people, lists, records, statements, uploads)
    for _, kind in inspect.getmembers(module, inspect.isclass)
    if issubclass(kind, Refusal) and kind is not Refusal
}


def from_code(code: str, detail: str) -> Refusal:
    """The refusal that `code` names; a code of a newer keeper stays a bare `Refusal`."""
    refusal = BY_CODE.get(code, Refusal)(detail)
    if code not in BY_CODE:
        refusal.code = code  # type: ignore[misc]
    return refusal
