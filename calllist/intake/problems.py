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
    UNKNOWN_ENCODING = "unknown_encoding"  # none of those we read, all of it strict
    NO_SUCH_ENCODING = "no_such_encoding"  # the one that was named is none of those we read
    JIS_ENCODING = "jis_encoding"  # ISO-2022-JP: made for mail, save it as UTF-8
    GARBLED_TEXT = "garbled_text"  # 文字化け, saved: `reason` says how it came about
    BINARY_FILE = "binary_file"  # control characters that no list contains
    WORKBOOK_FILE = "workbook_file"  # a table of another program or an archive: save it as CSV
    DOCUMENT_FILE = "document_file"  # PDF, a picture, a text document: no table
    MARKUP_FILE = "markup_file"  # HTML or XML, which systems write under the name of .xls
    CONTAINER_FILE = "container_file"  # looks like an old .xls, and no program's we know
    OLD_WORKBOOK = "old_workbook"  # Excel 97 to 2003 (.xls): save it as .xlsx or CSV
    ENCRYPTED_WORKBOOK = "encrypted_workbook"  # with a password
    MACRO_WORKBOOK = "macro_workbook"  # holds a program
    LINKED_WORKBOOK = "linked_workbook"  # takes values from other files
    WORKBOOK_TOO_LARGE = "workbook_too_large"  # packed or unpacked: save it as CSV
    WORKBOOK_BROKEN = "workbook_broken"  # no workbook that Excel would have written
    SEVERAL_SHEETS = "several_sheets"  # `reason` has the numbers of those with data: name one
    NO_SUCH_SHEET = "no_such_sheet"
    NO_PHONE_COLUMN = "no_phone_column"
    NO_HEADER_ROW = "no_header_row"  # the file begins with a row of data: `line`
    TOO_MANY_COLUMNS = "too_many_columns"
    TWO_COLUMNS_FOR = "two_columns_for"  # one meaning, two columns: name one by hand
    NO_SUCH_COLUMN = "no_such_column"  # a header named by hand is not in the file
    NOT_PERMITTED = "not_permitted"  # a column named by hand that the contract excludes
    TOO_MANY_SEGMENTS = "too_many_segments"  # a segment column with more values than groups have
    SEGMENT_VALUE = "segment_value"  # a segment column with what could be one person's
    FORBIDDEN_CARDS = "forbidden_cards"  # a column of payment card numbers: `column`
    FORBIDDEN_MY_NUMBERS = "forbidden_my_numbers"  # a column of 個人番号: another law
    UNKNOWN_AREA_CODE = "unknown_area_code"  # the default area code is none of Japan's
    SEALED_FILE = "sealed_file"  # encrypted: nobody looks into it before it is uploaded
    SEALED_HEADER = "sealed_header"  # encrypted, and not as age files are
    SEALED_ELSEWHERE = "sealed_elsewhere"  # to another job's key, or one that was destroyed
    SEALED_DAMAGED = "sealed_damaged"  # altered or cut off since it was encrypted
    SEALED_ONLY = "sealed_only"  # plain, and the contract takes encrypted files only
    TAKEN_IN_BEFORE = "taken_in_before"  # this very encrypted file is a list of the job already
    SAME_FILE = "same_file"  # a list of the job is this file already: `reason`, its number
    REFUSALS_UNREADABLE = "refusals_unreadable"  # nobody is called on half a list of refusals
    NO_REFERENCE_COLUMN = "no_reference_column"  # of a file of withdrawals
    TOO_MANY_CORRECTIONS = "too_many_corrections"  # `reason`: how many rows may be corrected yet
    UNCLOSED_QUOTE = "unclosed_quote"
    LINE_TOO_LONG = "line_too_long"
    TOO_MANY_ROWS = "too_many_rows"
    TOO_LARGE = "too_large"  # reading it takes more memory than a file may
    READER_FAILED = "reader_failed"  # the process that reads it died or talked nonsense
    DISCONNECTED = "disconnected"  # the upload ended before it was complete
    SENDER_STOPPED = "sender_stopped"  # its account was ended before the file was received
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
    FORMULA_ERROR = "formula_error"  # #N/A and the like: a formula had no result

    IMPOSSIBLE_DATE = "impossible_date"  # a birth date that never was: S65, 30 February
    FUTURE_DATE = "future_date"  # a birth date that is still to come

    NOT_TO_BE_CALLED = "not_to_be_called"  # 再勧誘禁止: on the entrustor's list of refusals

    DUPLICATE = "duplicate"  # repeats an accepted line; shown, no error
    REPEATS_EARLIER = "repeats_earlier"  # repeats a line of the list that is corrected

    ZERO_RESTORED = "zero_restored"  # accepted: the leading zero had been lost
    TOLL_FREE = "toll_free"  # accepted: 0120 and 0800, hardly a person
    SHARED_COST = "shared_cost"  # accepted: 0570
    AREA_CODE_ADDED = "area_code_added"  # accepted: with the list's default area code
    SEVERAL_NUMBERS = "several_numbers"  # accepted: the first dials, further ones are alternates
    TEXT_IGNORED = "text_ignored"  # accepted: words or an extension beside the number are not kept
    ALTERNATE_UNREADABLE = "alternate_unreadable"  # accepted: a further number was none
    HONORIFIC_STRIPPED = "honorific_stripped"  # accepted: 様, 殿, 御中 behind a name
    KANA_DOUBTFUL = "kana_doubtful"  # accepted: kanji or digits where a reading should be
    PARTIAL_DATE = "partial_date"  # accepted: month or day unknown; cannot be matched
    UNREADABLE_DATE = "unreadable_date"  # accepted as it is; cannot be matched
    POSTAL_ZERO_RESTORED = "postal_zero_restored"  # accepted: the leading zero had been lost
    POSTAL_UNREADABLE = "postal_unreadable"  # accepted as it is: no seven digits
    REFERENCE_DAMAGED = "reference_damaged"  # accepted: 1.23457E+11, digits are gone for ever


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
        Code.FORMULA_ERROR,
        Code.IMPOSSIBLE_DATE,
        Code.FUTURE_DATE,
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
