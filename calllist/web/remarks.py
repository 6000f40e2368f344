"""Notes and hand-over slips on the desk's page: what was typed, and what the page says of it.

A text that was refused goes back into its form and nowhere else: into no address, no cookie, no
log. What a slip says is on the page that is read back once, and then sealed.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Form

from calllist.clock import JST
from calllist.dialing import notes
from calllist.dialing.errors import NoteBlocked, SlipUnreadable
from calllist.dialing.hand import InHand
from calllist.dialing.remarks import Remarks
from calllist.errors import CalllistError
from calllist.web import slips, words
from calllist.web.i18n import N_, translate
from calllist.web.sentences import sentence
from crypto.records.slips import Slip, SlipKind
from crypto.wire.records import NOTE_CHARACTERS, View

PLACE = N_("%(first)s〜%(last)s文字目：%(why)s")
_NOTHING: dict[str, Any] = {
    **dict.fromkeys(("note", "call_back_at", "call_back_by", *map(str, SlipKind)), ""),
    "code": None,
}
_Text = Annotated[str, Form(max_length=400)]


@dataclass(frozen=True, repr=False)
class Typed:
    """The remarks' part of the result's form, as it was sent. Cannot be printed."""

    note: str
    slip: dict[SlipKind, str]
    read_back: str  # "yes"; "edit": back to the form; "": not yet

    def said(self, now: datetime) -> Remarks:
        """Raises SlipUnreadable."""
        slip = slips.read(self.slip, now.astimezone(JST).date())
        return Remarks(self.note, slip, self.read_back == "yes")


async def typed(
    note: _Text = "",
    slip_phone: _Text = "",
    slip_address: _Text = "",
    slip_date: _Text = "",
    slip_amount: _Text = "",
    read_back: Annotated[str, Form(pattern="^(yes|edit|)$")] = "",
) -> Typed:
    """Of this request's form."""
    slip = dict(zip(SlipKind, (slip_phone, slip_address, slip_date, slip_amount), strict=True))
    said = {kind: notes.tidy(text) for kind, text in slip.items()}
    return Typed(notes.tidy(note), said, read_back)


def facts(hand: InHand, view: View) -> dict[str, Any]:
    """What the page offers: a note, a slip, the note of an earlier call."""
    return {
        "noted": view.note.text if view.note else "",
        "may_note": hand.terms.notes_from is not None,
        "note_most": NOTE_CHARACTERS,
        "slip_kinds": [kind.value for kind in SlipKind if kind in (hand.terms.slips or ())],
        "filled": _NOTHING,
        "note_faults": [],
        "slip_faults": {},
        "refused": None,
    }


def again(said: Typed, error: CalllistError | None, lang: str, **chosen: object) -> dict[str, Any]:
    """The form as it was sent, and what is wrong with it, place by place."""
    blocked = error.faults if isinstance(error, NoteBlocked) else ()
    unread = error.faults if isinstance(error, SlipUnreadable) else ()
    told = sentence(error.code, lang) if error else None
    return {
        "filled": {
            "note": said.note,
            **{kind.value: text for kind, text in said.slip.items()},
            **chosen,
        },
        "note_faults": [
            translate(lang, PLACE)
            % {
                "first": fault.start + 1,
                "last": fault.end,
                "why": translate(lang, words.of("note_fault", fault.why)),
            }
            for fault in blocked
        ],
        "slip_faults": {kind.value: words.of("slip_fault", kind) for kind in unread},
        "refused": told if blocked or unread else None,  # beside the form, not above the person
        "error": None if blocked or unread else told,
    }


def lines(slip: Slip) -> list[tuple[str, str | int]]:
    """What is read back: kind and value, in the order of the form."""
    return [(kind.value, getattr(slip, kind.value)) for kind in slip.kinds]
