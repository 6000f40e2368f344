"""Which reading a kind of field gets. Kinds that are not named are stored raw, unlooked at."""

from collections.abc import Mapping

from calllist.intake.fields import Parser
from calllist.intake.fields.dates import birth_dates, due_dates
from calllist.intake.fields.names import names, readings
from calllist.intake.fields.places import postals
from calllist.intake.fields.references import references
from crypto.records.fields import FieldKind

PARSERS: Mapping[FieldKind, Parser] = {
    FieldKind.NAME: names,
    FieldKind.NAME_KANA: readings,
    FieldKind.ORGANISATION: names,
    FieldKind.REFERENCE: references,
    FieldKind.BIRTH_DATE: birth_dates,
    FieldKind.POSTAL: postals,
    FieldKind.DUE_DATE: due_dates,
}
