"""Templates to pages: one Jinja environment per language, and what every page is given.

A template receives what the screen's module hands it, never a row with sealed content and
never anything unmasked that the keeper did not mean for the eyes.
"""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from calllist.web import assets, i18n, plots, remedies, words

TEMPLATES = Path(__file__).parent / "templates"


@cache
def environment(lang: str) -> Environment:
    """The environment of one language; undefined names are errors."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )

    def gettext(msgid: str) -> str:
        return i18n.translate(lang, msgid)

    def ngettext(one: str, many: str, count: int) -> str:
        return i18n.translate(lang, one if count == 1 else many)

    made.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.filters.update(i18n.formats(lang))
    made.filters["words"] = lambda code, table: gettext(words.of(table, code))
    made.globals.update(lang=lang, static=assets.BASE, plots=plots, remedies=remedies, words=words)
    return made


def text(template: str, lang: str, **given: Any) -> str:
    """One page as text."""
    return environment(lang).get_template(template).render(**given)
