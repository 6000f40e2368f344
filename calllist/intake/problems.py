"""What can be wrong with a file or a row: codes, lines, columns, and never a value.

A *problem* refuses the whole file (`IntakeError`); a *finding* is one line of the receipt.
Neither carries anything that was read from a cell. Whoever catches a library's error here
raises `from None`: a chained `UnicodeDecodeError` or `csv.Error` would carry the bytes.
"""

from enum import StrEnum

from calllist.errors import CalllistError


class Problem(StrEnum):
    """Why a file is refused as a whole. Nothing of it is stored, and no key is kept."""

    EMPTY_FILE = "empty_file"  # no bytes, or blank rows only
    UNKNOWN_ENCODING = "unknown_encoding"  # neither UTF-8, UTF-16 nor CP932, all of it strict
    BINARY_FILE = "binary_file"  # control characters that no list contains
    WORKBOOK_FILE = "workbook_file"  # an Excel workbook or another archive: save it as CSV
    NO_PHONE_COLUMN = "no_phone_column"
    NO_HEADER_ROW = "no_header_row"  # the file begins with a row of data: `line`
    TOO_MANY_COLUMNS = "too_many_columns"
    TWO_COLUMNS_FOR = "two_columns_for"  # one meaning, two columns: name one by hand
    NO_SUCH_COLUMN = "no_such_column"  # a header named by hand is not in the file
    NOT_PERMITTED = "not_permitted"  # a column named by hand that the contract excludes
    UNCLOSED_QUOTE = "unclosed_quote"
    LINE_TOO_LONG = "line_too_long"
    TOO_MANY_ROWS = "too_many_rows"
    DISCONNECTED = "disconnected"  # the upload ended before it was complete
    INTERRUPTED = "interrupted"  # the process that received it ended
    STORE_UNAVAILABLE = "store_unavailable"  # the database did not take the rows
    KEEPER_REFUSED = "keeper_refused"  # `reason` has the keeper's code
    INTERNAL = "internal"


class Code(StrEnum):
    """What was found in one row. Rejected rows carry exactly one of the first group."""

    NO_PHONE = "no_phone"  # empty
    NO_PHONE_PLACEHOLDER = "no_phone_placeholder"  # text without a digit: なし, -
    NO_AREA_CODE = "no_area_code"  # 5 to 8 digits, not starting with 0
    INVALID_NUMBER = "invalid_number"
    INVALID_DUMMY = "invalid_dummy"  # nothing but zeros where the subscriber should be
    DAMAGED_NUMBER = "damaged_number"  # 9.01234E+10: digits are gone for ever
    NOT_CALLABLE = "not_callable"  # emergency, short, premium and machine numbers
    FOREIGN_NUMBER = "foreign_number"  # a country code other than +81
    RAGGED_ROW = "ragged_row"  # fewer or more cells than the header
    CELL_TOO_LONG = "cell_too_long"
    DAMAGED_TEXT = "damaged_text"  # U+FFFD or C1: the text was damaged before it came here

    DUPLICATE = "duplicate"  # repeats an accepted line; shown, no error

    ZERO_RESTORED = "zero_restored"  # accepted: the leading zero had been lost
    TOLL_FREE = "toll_free"  # accepted: 0120 and 0800, hardly a person
    SHARED_COST = "shared_cost"  # accepted: 0570
    ALTERNATE_UNREADABLE = "alternate_unreadable"  # accepted: a further number was none


REJECTIONS = frozenset(
    {
        Code.NO_PHONE,
        Code.NO_PHONE_PLACEHOLDER,
        Code.NO_AREA_CODE,
        Code.INVALID_NUMBER,
        Code.INVALID_DUMMY,
        Code.DAMAGED_NUMBER,
        Code.NOT_CALLABLE,
        Code.FOREIGN_NUMBER,
        Code.RAGGED_ROW,
        Code.CELL_TOO_LONG,
        Code.DAMAGED_TEXT,
    }
)


class TooManyUploads(CalllistError):
    """So many files are being received that another has to wait. Nothing was begun."""

    code = "too_many_uploads"


class IntakeError(CalllistError):
    """A file was refused. Names line, column and code; never a value.

    `line` and `column` count from 1, None where the problem has no place. `reason` is a
    further code or a field kind, for example the keeper's refusal or the kind in question.
    """

    code: str  # one of Problem: which one differs from file to file

    def __init__(
        self,
        code: Problem,
        *,
        line: int | None = None,
        column: int | None = None,
        reason: str = "",
    ) -> None:
        self.code = code.value
        self.line = line
        self.column = column
        self.reason = reason
        place = "".join(
            f", {name} {number}"
            for name, number in (("line", line), ("column", column))
            if number is not None
        )
        super().__init__(f"{code}{place}{f' ({reason})' if reason else ''}")

    def facts(self) -> dict[str, str | int | None]:
        """The error as it is stored and shown."""
        return {
            "code": self.code,
            "line": self.line,
            "column": self.column,
            "reason": self.reason,
        }
