"""The family of errors of the platform floor.

An error names ids and codes, never contents. How it looks over HTTP is decided in
`calllist.web.problems` and nowhere else. `keeps` says that what the request wrote before it
failed must stay (a counted wrong password, a record found closed): the transaction is
committed although the request fails.
"""

from typing import ClassVar


class CalllistError(Exception):
    """Any refusal of the platform. `code` is stable: screens, API and tests rely on it."""

    code: str = "refused"
    keeps: ClassVar[bool] = False


def place(error: BaseException) -> str:
    """File and line where an error arose: all that a log gets, as its text may quote a value."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "unknown"
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
