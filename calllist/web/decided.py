"""Signed decisions as the ledger tells them, put into the words of the screens."""

from collections.abc import Mapping
from typing import Any

from calllist.mirror.decisions import Decided
from calllist.web import words
from calllist.web.i18n import N_, translate
from calllist.web.words import KIND

RELEASE = N_("消去の保留の解除")
VERSION = N_("第%(version)s版")
OF_LIST = {"extended": KIND["extension"], "held": KIND["hold"]}
OF_CERTIFICATE = {"replaced": KIND["reissue"], "revoked": KIND["certificate_revocation"]}
OF_FIRST = {"shredding": KIND["shred"]}


def told(one: Decided, names: Mapping[str, str], lang: str) -> dict[str, Any]:
    """What, about whom or which list, when, whether a later decision has taken its place."""
    first, last = one.kind, one.about.rpartition(" ")[2]
    if " no longer " in one.about:
        what = RELEASE
    elif first == "list":
        what = OF_LIST.get(last, one.about)
    elif first == "certificate":
        what = OF_CERTIFICATE.get(last, one.about)
    else:
        what = OF_FIRST.get(first) or words.of("kind", first)
    return {
        "number": one.number,
        "at": one.at,
        "what": translate(lang, what),
        "about": _about(one.about.split(), names, lang),
        "overruled": one.overruled,
    }


def _about(said: list[str], names: Mapping[str, str], lang: str) -> str:
    """The ids of the keeper's words by name, and the version of a contract."""
    ids = [word.rstrip(":") for word in said if "_" in word]
    parts = [names.get(word, word) for word in ids]
    match said:
        case ["contract", _, "version", version]:
            parts.append(translate(lang, VERSION) % {"version": version})
        case ["budget", "of", role, *_] if "_" not in role:
            parts.insert(0, translate(lang, words.of("role", role)))
        case ["shredding", "of", count, *_]:
            parts.append(count)
    return " · ".join(parts)
