"""What is decided by signature: make, sign, check and carry statements.

The signature covers the canonical JSON of a `Statement`, byte for byte. Whether the key may
sign *this* is the keeper's to say (`crypto.approvals`); here is only whether it did.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from crypto.canonical import canonical_json
from crypto.errors import BadStatement, StatementExpired
from crypto.terms import ContractTerms, SignedStatement, Statement, StatementBody

SEED_BYTES = 32  # RFC 8032, 5.1.5
CLOCK_TOLERANCE = timedelta(minutes=5)  # between the approver's machine and the keeper


@dataclass(frozen=True, repr=False)
class ApproverKey:
    """An Ed25519 signing key, held as its seed (RFC 8032, 5.1.5)."""

    seed: bytes

    def __post_init__(self) -> None:
        if len(self.seed) != SEED_BYTES:
            raise ValueError("not a signing key")

    @classmethod
    def generate(cls) -> "ApproverKey":
        return cls(secrets.token_bytes(SEED_BYTES))

    @property
    def public(self) -> bytes:
        """32 bytes."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)


def fingerprint(public_key: bytes) -> str:
    """How people and ledger lines name a key: 32 hex digits of its SHA-256, in groups of 8."""
    digits = hashlib.sha256(public_key).hexdigest()[:32]
    return "-".join(digits[at : at + 8] for at in range(0, 32, 8))


def prepare(body: StatementBody, *, issuer: str, now: datetime, valid_for: timedelta) -> Statement:
    """A statement that waits for its signature."""
    return Statement(body, issuer, now, now + valid_for, secrets.token_hex(16))


def approve(statement: Statement, key: ApproverKey) -> SignedStatement:
    """Sign exactly the canonical bytes of `statement`."""
    payload = canonical_json(statement)
    return SignedStatement(payload, fingerprint(key.public), key.sign(payload))


def verify(signed: SignedStatement, public_key: bytes, *, now: datetime) -> Statement:
    """The statement, if `public_key` signed exactly these bytes and they are in force.

    Raises BadStatement, StatementExpired.
    """
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signed.signature, signed.payload)
    except (InvalidSignature, ValueError):
        raise BadStatement("signature") from None
    statement = read(signed.payload)
    if not statement.issued - CLOCK_TOLERANCE <= now <= statement.valid_until:
        raise StatementExpired(statement.nonce)
    return statement


def read(payload: bytes) -> Statement:
    """The statement in `payload`, signed or not. Raises BadStatement if not canonical.

    Bytes that two parsers could read differently (repeated keys, spaces, escapes) are refused.
    """
    try:
        statement = msgspec.json.decode(payload, type=Statement)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadStatement("schema") from None
    if canonical_json(statement) != payload:
        raise BadStatement("not canonical")
    body = statement.body
    end = body.expires if isinstance(body, ContractTerms) else body.until
    times = (statement.issued, statement.valid_until, end)
    if any(moment.tzinfo is None for moment in times):
        raise BadStatement("a time without offset")
    return statement


# -- files ---------------------------------------------------------------------------------


class _RequestFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    statement: Statement


class _SignedFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    payload: str
    key: str
    signature: str


def dump_request(statement: Statement) -> bytes:
    """An unsigned statement as a JSON file that people can read."""
    return msgspec.json.format(canonical_json(_RequestFile(statement)), indent=2) + b"\n"


def load_request(data: bytes) -> Statement:
    """Raises BadStatement."""
    try:
        return msgspec.json.decode(data, type=_RequestFile).statement
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadStatement("not a statement file") from None


def dump_signed(signed: SignedStatement) -> bytes:
    """A signed statement as a JSON file; binary parts in base64url."""
    body = _SignedFile(
        base64.urlsafe_b64encode(signed.payload).decode(),
        signed.key,
        base64.urlsafe_b64encode(signed.signature).decode(),
    )
    return canonical_json(body) + b"\n"


def load_signed(data: bytes) -> SignedStatement:
    """Raises BadStatement; the signature is not checked here."""
    try:
        body = msgspec.json.decode(data, type=_SignedFile)
        return SignedStatement(
            base64.b64decode(body.payload, altchars=b"-_", validate=True),
            body.key,
            base64.b64decode(body.signature, altchars=b"-_", validate=True),
        )
    except ValueError:
        raise BadStatement("not a signed statement file") from None


# -- in words ------------------------------------------------------------------------------

_WORDS = {
    "ja": {
        "contract": "契約条件 {contract} 第{version}版(委託元 {entrustor})",
        "roster": "従事者名簿: {person} を {party} / {site} の {role} として登録",
        "purpose": "利用目的: {purpose}",
        "expires": "開示の期限: {until}",
        "until": "最終就業日: {until}",
        "new_factor": "新しい二要素認証の登録を許可(登録済みのものは無効になります)",
        "field": "  {kind}: 発信前 {s1} · 応答後 {s2} · 本人確認後 {s3}{extra}",
        "match": " · 照合可",
        "reveal": " · 全文表示可({seconds}秒)",
        "identity": "本人確認: {kinds} のうち {count} 項目、誤り {tries} 回まで",
        "codes": "終了とする結果コード: {final} / 継続: {open}",
        "hands": "取扱いを承認する事業者: {parties} · 拠点: {sites}",
        "any": "制限なし",
        "budget": "1人のオペレーターが見る人数: 1時間 {hour} 名、1日 {day} 名まで",
        "hold": "1件を手元に置く時間: {hold}秒まで",
        "hours": "架電時間: 平日 {w0}-{w1}時、土日祝 {h0}-{h1}時 · "
        "1人 {attempts} 回まで · 間隔 {retry}分",
        "end": "完了から消去まで: {grace} 時間 · 重複の判定: {duplicates}",
        "envelope": "申請者 {issuer} · 有効期限 {valid} · 番号 {nonce}",
    },
    "en": {
        "contract": "Contract terms {contract}, version {version} (entrustor {entrustor})",
        "roster": "Roster: {person} works for {party} at {site} as {role}",
        "purpose": "Purpose: {purpose}",
        "expires": "Nothing opens after: {until}",
        "until": "Last working day: {until}",
        "new_factor": "May register a new second factor, which replaces the one registered",
        "field": "  {kind}: dialling {s1} · answered {s2} · verified {s3}{extra}",
        "match": " · may be matched",
        "reveal": " · may be revealed in full ({seconds} s)",
        "identity": "Identity check: {count} of {kinds}, {tries} mismatches at most",
        "codes": "Result codes that end a record: {final} / that do not: {open}",
        "hands": "Approved parties: {parties} · sites: {sites}",
        "any": "any",
        "budget": "People one operator may see: {hour} an hour, {day} a day",
        "hold": "A record stays in hand for at most {hold} s",
        "hours": "Calling hours: weekdays {w0}-{w1}, weekends and holidays {h0}-{h1} · "
        "{attempts} calls per person · {retry} min apart",
        "end": "From completion to destruction: {grace} h · duplicates by: {duplicates}",
        "envelope": "Asked for by {issuer} · valid until {valid} · number {nonce}",
    },
}


def in_words(statement: Statement, lang: str = "ja") -> str:
    """Everything the signature would cover, for the approver to read. lang: "ja" or "en"."""
    words = _WORDS[lang]
    body = statement.body
    lines = (
        _contract_words(body, words)
        if isinstance(body, ContractTerms)
        else [
            words["roster"].format(
                person=body.person, party=body.party, site=body.site, role=body.role
            ),
            words["until"].format(until=body.until.isoformat()),
            *([words["new_factor"]] if body.new_factor else []),
        ]
    )
    envelope = words["envelope"].format(
        issuer=statement.issuer, valid=statement.valid_until.isoformat(), nonce=statement.nonce
    )
    return "\n".join([*lines, envelope])


def _contract_words(terms: ContractTerms, words: dict[str, str]) -> list[str]:
    conduct, identity = terms.conduct, terms.identity
    extras = {
        kind: (words["match"] if rule.match else "")
        + (words["reveal"].format(seconds=terms.reveal_seconds) if rule.reveal else "")
        for kind, rule in terms.fields.items()
    }
    return [
        words["contract"].format(
            contract=terms.contract, version=terms.version, entrustor=terms.entrustor
        ),
        words["purpose"].format(purpose=terms.purpose),
        words["expires"].format(until=terms.expires.isoformat()),
        *(
            words["field"].format(kind=kind, s1=rule.s1, s2=rule.s2, s3=rule.s3, extra=extras[kind])
            for kind, rule in terms.fields.items()
        ),
        words["identity"].format(
            kinds=", ".join(identity.of), count=identity.count, tries=identity.tries
        ),
        words["codes"].format(
            final=", ".join(str(code) for code, final in terms.codes.items() if final),
            open=", ".join(str(code) for code, final in terms.codes.items() if not final),
        ),
        words["hands"].format(
            parties=", ".join(terms.parties), sites=", ".join(terms.sites) or words["any"]
        ),
        words["budget"].format(hour=terms.people_per_hour, day=terms.people_per_day),
        words["hold"].format(hold=terms.hold_seconds),
        words["hours"].format(
            w0=conduct.weekday[0],
            w1=conduct.weekday[1],
            h0=conduct.weekend[0],
            h1=conduct.weekend[1],
            attempts=conduct.attempts,
            retry=conduct.retry_minutes,
        ),
        words["end"].format(grace=conduct.grace_hours, duplicates=conduct.duplicates),
    ]
