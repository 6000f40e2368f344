"""A workbook (XLSX) as a table: its one sheet with data, or the one that the manager names.

What holds a program or takes values from elsewhere is refused; hidden sheets are ignored
unless named. Sheets are told by number: their names may be people's.

Source: ECMA-376 part 1, 12 and 18.2.
"""

from collections.abc import Iterator
from typing import NamedTuple

from calllist.intake.problems import IntakeError, Problem
from calllist.intake.reading import numberformats
from calllist.intake.reading.blocks import Block
from calllist.intake.reading.markup import known, link, parse
from calllist.intake.reading.package import Package, broken
from calllist.intake.reading.script import Script
from calllist.intake.reading.sharedstrings import SharedStrings
from calllist.intake.reading.worksheet import Worksheet

MOST_SHEETS = 1000
MOST_RELATIONS = 4000
NAME_CHARACTERS = 200  # Excel: 31

_ELEMENTS = known(("sheet", "workbookPr"))
_MACROS = ("vbaproject", "macrosheet")
_OTHERS = (  # parts that tell what else a package is
    ("xl/workbook.bin", Problem.WORKBOOK_FILE, "xlsb"),
    ("mimetype", Problem.WORKBOOK_FILE, "opendocument"),
    ("index/document.iwa", Problem.WORKBOOK_FILE, "numbers"),
    ("word/document.xml", Problem.DOCUMENT_FILE, "word"),
    ("ppt/presentation.xml", Problem.DOCUMENT_FILE, "powerpoint"),
)


class _Sheet(NamedTuple):
    """`number` counts all sheets from 1, `part` is empty for what is no worksheet."""

    number: int
    name: str
    hidden: bool
    part: str


class Workbook:
    """The rows of a workbook. Iterate it once. `sheet` is the number of the one that is read.

    Raises IntakeError: MACRO_WORKBOOK, LINKED_WORKBOOK, ENCRYPTED_WORKBOOK, WORKBOOK_BROKEN,
    WORKBOOK_TOO_LARGE, WORKBOOK_FILE or DOCUMENT_FILE (no workbook), NO_SUCH_SHEET,
    SEVERAL_SHEETS, EMPTY_FILE and what `Worksheet` raises.
    """

    encoding = "xlsx"
    delimiter = "xlsx"

    def __init__(self, package: Package, sheet: str | None = None) -> None:
        self.sheet: int | None = None
        self._package = package
        self._script = Script()
        _permit(package)
        self._main = self._target("_rels/.rels", "/officedocument") or "xl/workbook.xml"
        folder, _, name = self._main.rpartition("/")
        self._relations = _relations(package, f"{folder}/_rels/{name}.rels".lstrip("/"), folder)
        self._since_1904 = False
        self._all = self._sheets()
        self.sheets = len(self._all)
        self._wanted = sheet

    @property
    def damaged(self) -> bool:
        """Whether cells have to be looked at one by one (`script.damage`)."""
        return self._script.damaged

    @property
    def gaiji(self) -> bool:
        """Whether there were characters of somebody's own (外字) so far."""
        return self._script.gaiji

    @property
    def share(self) -> float:
        """How much of the sheet has been read."""
        return self._package.share

    def __iter__(self) -> Iterator[Block]:
        styles = self._part("/styles")
        self._formats = numberformats.styles(self._package, styles) if styles else []
        self._strings = SharedStrings(self._package, self._part("/sharedstrings"), self._script)
        chosen = self._chosen()
        self.sheet = chosen.number
        yield from self._worksheet(chosen)

    def _worksheet(self, sheet: _Sheet) -> Worksheet:
        return Worksheet(
            self._package, sheet.part, self._strings, self._formats, self._script,
            since_1904=self._since_1904,
        )  # fmt: skip

    def _chosen(self) -> _Sheet:
        """The sheet that is meant: the named one, else the only visible one with data."""
        if self._wanted is not None:
            return self._named(self._wanted)
        visible = [one for one in self._all if not one.hidden and one.part]
        if len(visible) > 1:
            visible = [one for one in visible if self._has_data(one)]
        if not visible:
            raise IntakeError(Problem.EMPTY_FILE)
        if len(visible) > 1:
            numbers = " ".join(str(one.number) for one in visible)
            raise IntakeError(Problem.SEVERAL_SHEETS, reason=numbers)
        return visible[0]

    def _named(self, wanted: str) -> _Sheet:
        for one in self._all:
            if one.name == wanted and one.part:
                return one
        for one in self._all:
            if str(one.number) == wanted.removeprefix("#") and one.part:
                return one
        raise IntakeError(Problem.NO_SUCH_SHEET)

    def _has_data(self, sheet: _Sheet) -> bool:
        try:
            return next(iter(self._worksheet(sheet)), None) is not None
        except IntakeError:  # whatever it is, it is not empty
            return True

    def _sheets(self) -> list[_Sheet]:
        found: list[_Sheet] = []

        def start(full: str, attributes: dict[str, str]) -> None:
            element = _ELEMENTS.get(full)
            if element == "workbookPr":
                self._since_1904 = attributes.get("date1904", "0") in ("1", "true")
            elif element == "sheet":
                kind, part = self._relations.get(link(attributes), ("", ""))
                found.append(
                    _Sheet(
                        len(found) + 1,
                        attributes.get("name", "")[:NAME_CHARACTERS],
                        attributes.get("state", "visible") != "visible",
                        part if kind.endswith("/worksheet") else "",
                    )
                )
                if len(found) > MOST_SHEETS:
                    raise IntakeError(Problem.WORKBOOK_TOO_LARGE, reason="sheets")

        for _ in parse(self._package.read(self._main), start, _nothing, None):
            pass
        return found

    def _part(self, kind: str) -> str | None:
        """The part of the workbook of this kind, if there is one."""
        parts = (part for one, part in self._relations.values() if one.endswith(kind))
        return next((part for part in parts if part in self._package), None)

    def _target(self, name: str, kind: str) -> str | None:
        if name not in self._package:
            return None
        found = _relations(self._package, name, "")
        return next((part for one, part in found.values() if one.endswith(kind)), None)


def _permit(package: Package) -> None:
    """Refuse what is no workbook, holds a program or takes values from other files."""
    for part, problem, reason in _OTHERS:
        if part in package:
            raise IntakeError(problem, reason=reason)
    if "[content_types].xml" not in package:
        raise IntakeError(Problem.WORKBOOK_FILE, reason="zip")
    for name in package:
        if any(one in name for one in _MACROS):
            raise IntakeError(Problem.MACRO_WORKBOOK)
        if "externallinks/" in name:
            raise IntakeError(Problem.LINKED_WORKBOOK)


def _relations(package: Package, name: str, folder: str) -> dict[str, tuple[str, str]]:
    """What a part refers to: identifier to kind and part, both in lower case."""
    found: dict[str, tuple[str, str]] = {}
    if name not in package:
        return found

    def start(full: str, attributes: dict[str, str]) -> None:
        if not full.endswith(" Relationship"):
            return
        kind = attributes.get("Type", "").lower()
        if any(one in kind for one in _MACROS):
            raise IntakeError(Problem.MACRO_WORKBOOK)
        if kind.endswith("/externallink"):
            raise IntakeError(Problem.LINKED_WORKBOOK)
        if attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "").replace("\\", "/").lower()
            found[attributes.get("Id", "")] = (kind, _resolved(folder, target))
        if len(found) > MOST_RELATIONS:
            raise broken("relations")

    for _ in parse(package.read(name), start, _nothing, None):
        pass
    return found


def _resolved(folder: str, target: str) -> str:
    """The name of a part that is named from a folder."""
    steps: list[str] = [] if target.startswith("/") else folder.split("/")
    for step in target.split("/"):
        if step == "..":
            steps = steps[:-1]
        elif step not in ("", "."):
            steps.append(step)
    return "/".join(step for step in steps if step)


def _nothing(_name: str) -> None:
    """Nothing ends."""
