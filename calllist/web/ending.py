"""How far the end of a list has come, in the same words for its manager and its overseers."""

from collections.abc import Iterable
from typing import Any

from calllist.web.i18n import N_, translate
from calllist.web.sentences import sentence
from retention.states import State
from retention.tables import Holding
from retention.vocabulary import OUTCOMES, STORES, word

WAITS = N_("%(store)s：%(found)s。自動で確かめ直しています。")


def of(holding: Holding | None, lang: str) -> dict[str, Any] | None:
    """State of a holding that is ending, why it waits, and until when; None: it is open."""
    if holding is None or holding.state == State.OPEN:
        return None
    return {
        "state": holding.state,
        "trouble": trouble(holding.failure, lang) if stuck(holding) else None,
        "due_at": holding.due_at if holding.state == State.FROZEN else None,
        "held_at": holding.held_at,
    }


def stuck(holding: Holding | None) -> bool:
    """Whether its destruction waits for something that does not come by itself at once."""
    return holding is not None and holding.failure is not None


def any_stuck(holdings: Iterable[Holding | None]) -> bool:
    """Whether one of them is."""
    return any(stuck(holding) for holding in holdings)


def trouble(failure: str | None, lang: str) -> str | None:
    """Why a destruction waits, in a sentence: a store that is not empty, or the keeper."""
    if failure is None:
        return None
    kind, _, place = failure.partition(":")
    if kind.upper() in OUTCOMES and place in STORES:
        found = {"store": word(STORES[place], lang), "found": word(OUTCOMES[kind.upper()], lang)}
        return translate(lang, WAITS) % found
    return sentence(place or kind, lang)
