"""A certificate in words, for screens, paper and the command line.

Sections in the order of a 消去証明書, each saying whose word it is: the keeper's, or the
worker's that the keeper only signed. A code without words is shown as it is, never left out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from retention.facts import CertificateFacts, Check, Revocation
from retention.states import Outcome
from retention.vocabulary import (
    CHANGES,
    COMPARISONS,
    ENDINGS,
    FIELDS,
    METHODS,
    OUTCOMES,
    PURPOSES,
    REASONS,
    STORES,
    TRIGGERS,
    Words,
    word,
)
from retention.wording import HSM, LABELS, PHRASES, PROVEN, REMAINS, ROOTS

TOKYO = ZoneInfo("Asia/Tokyo")
WEEKDAYS = ("月火水木金土日", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))


@dataclass(frozen=True)
class Line:
    """One item: what it is, and what is stated of it. `label` may be empty.

    cells: the value in columns, where several lines make a table: result, method, extent.
    """

    label: str
    value: str
    cells: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """Items that belong together and are one party's word (`source`: "keeper", "worker", "")."""

    title: str
    source: str
    source_label: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Document:
    """The whole certificate, ready to be laid out."""

    title: str
    lang: str
    sections: tuple[Section, ...]
    statement: tuple[str, ...]  # sentences


def document(facts: CertificateFacts, lang: str = "ja") -> Document:
    """The certificate in Japanese, or in English (`lang="en"`)."""
    return Document(
        title=word(LABELS["title"], lang),
        lang=lang,
        sections=tuple(_Writer(facts, lang).sections()),
        statement=tuple(
            word(PHRASES[key], lang)
            for key in ("statement_done", "statement_self", "statement_copies", "statement_check")
        ),
    )


def revoked(said: Revocation, lang: str = "ja") -> Document:
    """A revocation, for people."""
    why = change(said.reason, lang)
    phrase = word(PHRASES["revoked"], lang)
    decision = word(PHRASES["changed_by"], lang).format(statement=said.statement)
    values = {
        "status": phrase.format(certificate=said.certificate, edition=said.edition, reason=why),
        "revoked_at": moment(said.revoked_at, lang),
        "list": said.list,
        "entrustor_id": said.entrustor,
        "original_was": said.digest,
        "by_decision": decision,
    }
    lines = tuple(Line(word(LABELS[key], lang), value) for key, value in values.items())
    source = word(LABELS["from_keeper"], lang)
    section = Section(word(LABELS["identity"], lang), "keeper", source, lines)
    return Document(word(LABELS["revocation"], lang), lang, (section,), ())


def plain(page: Document) -> str:
    """A document as lines of text."""
    out = [f"== {page.title} =="]
    for section in page.sections:
        source = f"  [{section.source_label}]" if section.source_label else ""
        out += ["", f"■ {section.title}{source}"]
        for line in section.lines:
            head, *more = line.value.splitlines() or [""]
            out.append(f"  {line.label}: {head}" if line.label else f"  {head}")
            out += [f"      {rest}" for rest in more]
    return "\n".join([*out, "", *page.statement])


def reason(code: str, lang: str = "ja") -> str:
    """Why a certificate was refused (`NotAuthentic.reason`), in a sentence."""
    return word(REASONS.get(code, (code, code)), lang)


def change(code: str, lang: str = "ja") -> str:
    """Why a certificate was replaced or revoked (`Named.reason`), in words."""
    return word(CHANGES.get(code, (code, code)), lang)


def moment(at: datetime, lang: str = "ja") -> str:
    """Japanese time to the second, with its offset: 2026年4月7日(火) 10:00:05 (+09:00)."""
    local = at.astimezone(TOKYO)
    if lang == "en":
        day = WEEKDAYS[1][local.weekday()]
        return f"{day} {local:%Y-%m-%d %H:%M:%S} JST (+09:00)"
    day = WEEKDAYS[0][local.weekday()]
    return f"{local.year}年{local.month}月{local.day}日({day}) {local:%H:%M:%S} (+09:00)"


class _Writer:
    """Writes the sections of one certificate in one language."""

    def __init__(self, facts: CertificateFacts, lang: str) -> None:
        self.facts = facts
        self.claims = facts.claims
        self.known = facts.rows is not None  # what the keeper knows is not told twice
        self.lang = lang

    def sections(self) -> Iterator[Section]:
        yield self._section("identity", "keeper", self._identity())
        if self.known:
            yield self._section("recorded", "keeper", self._recorded())
        yield self._section("work", "worker", self._work())
        yield self._section("subject", "worker", self._subject())
        yield self._section("method_section", "", self._method())
        yield self._section("keys_section", "keeper", self._keys())
        yield self._section("progress", "worker", self._progress())
        yield self._section("stores", "worker", map(self._store, self.claims.checks))
        yield self._section("hands", "worker", self._hands())
        yield self._section("access", "keeper", self._access())
        yield self._section("remains", "", (Line("", self._word(words)) for words in REMAINS))
        yield self._section("log_anchor", "keeper", self._anchor())

    def _identity(self) -> Iterator[Line]:
        yield self._line("certificate", self.facts.certificate)
        yield self._line("status", self._status())
        yield self._line("issued_at", self._moment(self.facts.issued_at))
        yield self._line("entrustor_id", self.facts.entrustor)
        yield self._line("contract_version", f"{self.facts.contract} / {self.facts.version}")
        yield self._line("list", self.facts.list)
        yield self._line("issuer", self._phrases("issuer"))

    def _recorded(self) -> Iterator[Line]:
        """What a change in the platform's own database cannot alter."""
        yield self._line("purpose", self._code(PURPOSES, self.facts.purpose))
        yield self._line("handler_ids", ", ".join(self.facts.parties))
        if self.facts.manifested_at is not None:
            yield self._line("manifested_at", self._moment(self.facts.manifested_at))
        yield self._line("registered", _number(self.facts.rows))
        yield self._line("file_hash", self.facts.file_hash)
        yield self._line("file_salt", self._phrases("salt_elsewhere", "salted"))
        yield self._line("deadline", self._moment(self.facts.expires))
        yield self._line("trigger", self._code(TRIGGERS, self.facts.trigger))
        yield self._line("frozen_at", self._moment(self.facts.frozen_at))
        for step in ("erased", "verified"):
            if step in self.facts.attested:
                yield self._line(f"{step}_line", str(self.facts.attested[step]))

    def _status(self) -> str:
        """What an edition says of itself. Whether it was replaced since, only a later one says."""
        before = self.facts.replaces
        if before is None:
            return self._phrases("issued")
        why = change(before.reason, self.lang)
        lines = self._phrases("reissued", "replaces", "changed_by").split("\n")
        return "\n".join(
            line.format(
                certificate=before.certificate,
                edition=self.facts.edition if number == 0 else before.edition,
                reason=why,
                statement=before.statement,
            )
            for number, line in enumerate(lines)
        )

    def _work(self) -> Iterator[Line]:
        received = self.claims.received
        if "entrustor" in received:
            yield self._line("entrustor", str(received["entrustor"]))
        if "contract" in received:
            yield self._line("contract_no", str(received["contract"]))
        yield self._line("basis", self.claims.basis)
        if not self.known and (purpose := received.get("purpose")):
            yield self._line("purpose", self._code(PURPOSES, str(purpose)))
        yield self._line("reference", self.claims.reference)
        if not self.known:
            yield self._line("trigger", self._code(TRIGGERS, self.claims.trigger))
            yield self._line("deadline", self._moment(self.claims.deadline))
        if self.claims.ending:
            yield self._line("ending", self._code(ENDINGS, self.claims.ending))
        if parties := received.get("parties"):
            own = self._word(PHRASES["own_confirmations"])
            yield self._line("handlers", f"{_joined(parties)}\n{own}")

    def _subject(self) -> Iterator[Line]:
        received = self.claims.received
        yield self._line("received_at", self._moment(self.claims.received_at))
        for key in ("rows", "rejected", "duplicates", "not_to_be_called"):
            if key in received:
                yield self._line(key, _number(received[key]))
        yield self._line("people", _number(self.claims.people))
        if isinstance(fields := received.get("fields"), list):
            yield self._line("fields", _joined([self._code(FIELDS, kind) for kind in fields]))
        if not self.known and "file_hash" in received:
            yield self._line("file_hash", str(received["file_hash"]))
            salt = received.get("file_salt", self._word(PHRASES["salt_elsewhere"]))
            yield self._line("file_salt", f"{salt}\n{self._word(PHRASES['salted'])}")

    def _method(self) -> Iterator[Line]:
        yield self._line("method", self._phrases("method", "method_level"))
        yield self._line("crypto", self._phrases("crypto", "not_fips"))
        yield self._line("precondition", self._phrases("precondition"))
        yield self._line("media", self._phrases("media"))
        yield self._line("derived", self._phrases("derived"))
        yield self._line("backups", self._kept_elsewhere())

    def _keys(self) -> Iterator[Line]:
        yield self._line("key", self.facts.key)
        yield self._line("minted_at", self._moment(self.facts.minted_at))
        yield self._line("keys_destroyed_at", self._moment(self.facts.shredded_at))
        yield self._line("epoch", str(self.facts.epoch_destroyed))
        yield self._line("root_kind", self._root())
        if self.facts.root_proof == PROVEN:
            yield self._line("root_proof", self._phrases("root_proof"))
        yield self._line("key_copies", self._phrases("key_copies"))

    def _root(self) -> str:
        """The kind of root that was destroyed, and what that does not promise."""
        kind = self.facts.root_kind
        if kind in ROOTS:
            return self._phrases(*ROOTS[kind])
        if kind.startswith(HSM):
            return f"{self._phrases('root_hsm')}: {kind.removeprefix(HSM)}\n" + self._phrases(
                "root_hsm_limit"
            )
        return kind

    def _progress(self) -> Iterator[Line]:
        if not self.known:
            yield self._line("frozen_at", self._moment(self.claims.frozen_at))
            yield self._line("keys_destroyed_at", self._moment(self.claims.shredded_at))
        yield self._line("erased_at", self._moment(self.claims.erased_at))
        yield self._line("erased_rows", _number(self.claims.erased_rows))
        yield self._line("verified_at", self._moment(self.claims.verified_at))

    def _store(self, check: Check) -> Line:
        found = COMPARISONS if check.how == "compared" else OUTCOMES
        said = self._code(found, check.outcome)
        how = "" if check.outcome is Outcome.OUTSIDE else self._code(METHODS, check.how)
        extent = [f"{count:,}" for count in (check.found or check.seen,) if count]
        extent += [f"{check.bytes:,} bytes"] if check.bytes else []
        extent += [self._until(check.until)] if check.until else []
        value = " / ".join([said, *([how] if how else []), *extent])
        return Line(self._code(STORES, check.store), value, (said, how, " / ".join(extent)))

    def _kept_elsewhere(self) -> str:
        """Until when ciphertext may stay in what we cannot reach; and of which nobody told us."""
        told = [
            f"{self._code(STORES, check.store)}: {self._moment(check.until)}"
            for check in self.claims.checks
            if check.until is not None
        ]
        dated = {check.store for check in self.claims.checks if check.until is not None}
        unknown = [] if {"wal", "backups"} <= dated else [self._phrases("backups")]
        return "\n".join([*([self._phrases("backups_until"), *told] if told else []), *unknown])

    def _until(self, at: datetime) -> str:
        local = at.astimezone(TOKYO)
        return self._word(PHRASES["until"]).format(day=f"{local:%Y-%m-%d}")

    def _hands(self) -> Iterator[Line]:
        yield self._line("performed_by", self._phrases("performed_by"))
        yield self._line("verified_by", self._phrases("verified_by"))
        yield self._line("witness", self._phrases("witness"))
        yield self._line("place", self._phrases("place"))
        yield self._line("exceptions", self._phrases("exceptions"))

    def _access(self) -> Iterator[Line]:
        yield self._line("opens", _number(self.facts.opens))
        yield self._line("people_opened", _number(self.facts.people_opened))
        yield self._line("reveals", _number(self.facts.reveals))
        yield self._line("matches", _number(self.facts.matches))
        yield self._line("operators", _number(self.facts.operators))

    def _anchor(self) -> Iterator[Line]:
        yield self._line("shred_seq", str(self.facts.shred_seq))
        yield self._line("checkpoint", self.facts.checkpoint.strip())

    def _section(self, title: str, source: str, lines: Iterator[Line]) -> Section:
        label = self._word(LABELS[f"from_{source}"]) if source else ""
        return Section(self._word(LABELS[title]), source, label, tuple(lines))

    def _line(self, label: str, value: str) -> Line:
        return Line(self._word(LABELS[label]), value)

    def _phrases(self, *keys: str) -> str:
        return "\n".join(self._word(PHRASES[key]) for key in keys)

    def _code(self, table: Mapping[str, Words], code: str) -> str:
        return self._word(table.get(code, (code, code)))

    def _moment(self, at: datetime) -> str:
        return moment(at, self.lang)

    def _word(self, words: Words) -> str:
        return word(words, self.lang)


def _number(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _joined(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
