"""Which encoding a file is in, by its marks and then by its content.

    byte-order mark ► UTF-16 by its zero bytes ► strict UTF-8 ► CP932 or EUC-JP

Never `shift_jis`, which fails on 髙 and ㈱. Where bytes are valid in more than one encoding
the likelier text decides: half-width kana of CP932 are pairs of UTF-8 and of EUC-JP too. The
weights are shares of Japanese text, rounded; a wrong one must be wrong by much to matter.

Source: JIS X 0201, JIS X 0208 (rows), RFC 3629; CP932 as in Python.
"""

import codecs
import math
import re

from calllist.intake.reading import eucjp
from calllist.intake.reading.script import common, written
from calllist.intake.reading.vocabulary import (
    CP932,
    ENCODINGS,
    EUC_JP,
    UTF_8,
    UTF_16_BE,
    UTF_16_LE,
)

WINDOW = 64 * 1024  # bytes from the first non-ASCII byte on which the encoding is decided
WEIGHED_BYTES = 8 * 1024  # of the window, where two encodings are weighed
UNDECIDED = 3.0  # logarithm of the odds below which content does not decide
FEW_BYTES = 4  # of non-ASCII: fewer are taken for CP932, by far the more usual
ASCII_SHARE = 16  # UTF-16 without a mark: at least one byte in so many is zero
READABLE_SHARE = 0.9  # of its characters that must be ordinary

# Looked up here: the reader may not open files later, and codecs are modules.
_DECODERS = {name: codecs.getincrementaldecoder(name) for name in ENCODINGS}

LEAST_JUDGED = 20  # characters: fewer say nothing about a script
LEAST_FREQUENT = 0.2  # share of characters that are among the usual ones of a list
MOST_STRANGE = 0.4  # share of characters that Japanese text does not have so many of

_MARKS = (
    (codecs.BOM_UTF8, UTF_8),
    (codecs.BOM_UTF16_LE, UTF_16_LE),
    (codecs.BOM_UTF16_BE, UTF_16_BE),
)
_LONG = re.compile(r"[\u0800-\ufffc\U00010000-\U0010ffff]")
# Half-width kana that are UTF-8 too; of 。「」、 (A1 to A4) names and addresses have none.
_KANA_PAIRS = re.compile(rb"(?:[\x00-\x7f]|[\xc2-\xdf][\xa5-\xbf])*[\xc2-\xdf]?")
_LATIN_WORD = re.compile(rb"[A-Za-z][\xc3-\xc5][\x80-\xbf]|[\xc3-\xc5][\x80-\xbf][a-z]")
_ORDINARY = re.compile(r"[\t\r\n\x20-\x7e\u3000-\u30ff\u4e00-\u9fff\uff01-\uffee①-⑳Ⅰ-ⅹ㈠-㊰‐-―]")
_FREQUENT = re.compile(
    "[ぁ-んァ-ヶー一二三四五六七八九十〇０-９ｦ-ﾟ田山川村子美郎中本町市区県東京都道府大小野原井上下木林森藤佐"
    "高松島谷沢橋石崎岡西南北内外前後新吉清平正和明光春夏秋冬太之夫男雄人幸恵真由智香奈代江里紀"
    "電話番号氏名住所年月日者地域目丁字様]"
)
_WORD = re.compile("電話|番号|氏名|名前|住所|カナ|かな")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+(?:[\x40-\x7e][\x80-\xff]+)*")
_VOICED = re.compile(r"[ｳｶ-ﾄﾊ-ﾎ]ﾞ|[ﾊ-ﾎ]ﾟ")
_VOICE_MARK = re.compile(r"[ﾞﾟ]")
_LONE_KANA = re.compile(r"(?<=[一-鿿])[｡-ﾟ]{1,2}(?=[一-鿿])")


def marked(head: bytes) -> tuple[str | None, int]:
    """Encoding and length of a byte-order mark; UTF-16 also by where its zero bytes are."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding, len(mark)
    if head.count(0) * ASCII_SHARE < len(head):
        return None, 0
    share, encoding = max((_readable(head, one), one) for one in (UTF_16_LE, UTF_16_BE))
    return (encoding, 0) if share >= READABLE_SHARE else (None, 0)


def unmarked(window: bytes, *, before: bytes, complete: bool) -> str | None:
    """The encoding of bytes from the first non-ASCII one on; None if it could be either of two.

    before: the byte before them, if there is one.

    Invalid bytes are no obstacle: a window with more of UTF-8's long characters than faults is
    damaged UTF-8 and not CP932; of CP932 and EUC-JP the one that fits further is meant.
    """
    text = window.decode(UTF_8, "replace")
    fits = _sound(window, UTF_8, complete=complete) == len(window)
    if fits:
        if _LATIN_WORD.search(before + window):
            return UTF_8
        if not _KANA_PAIRS.fullmatch(window) and not _foreign(text):
            return UTF_8
    elif len(_LONG.findall(text)) > text.count("\ufffd"):
        return UTF_8
    cp932, euc = (_sound(window, one, complete=complete) for one in (CP932, EUC_JP))
    if fits and max(cp932, euc) < len(window):
        return UTF_8
    if cp932 != euc:
        return EUC_JP if euc > cp932 else CP932
    runs = _HIGH_RUN.findall(window[:WEIGHED_BYTES])
    if sum(map(len, runs)) < FEW_BYTES:
        return CP932
    odds = math.fsum(_as_cp932(run) - eucjp.weight(run) for run in runs)
    if abs(odds) < UNDECIDED:
        return None
    return CP932 if odds > 0 else EUC_JP


def strange(text: str, encoding: str) -> bool:
    """Whether so much of a text is what Japanese writes seldom that it is something else.

    Chinese (GB 2312) and Korean (KS X 1001) have the form of EUC-JP: there some of what every
    Japanese list is full of must be seen.
    """
    letters = [character for character in text if character > "\x7f"]
    if len(letters) < LEAST_JUDGED:
        return False
    frequent = len(_FREQUENT.findall(text))
    if encoding == EUC_JP and frequent < LEAST_FREQUENT * len(letters) and not _WORD.search(text):
        return True
    rare = sum(1 for one in letters if "\u4e00" <= one <= "\u9fff" and not common(one))
    lone = sum(map(len, _LONE_KANA.findall(text)))
    marks = len(_VOICE_MARK.findall(text)) - len(_VOICED.findall(text))
    return rare + lone + marks > MOST_STRANGE * len(letters)


def _foreign(text: str) -> bool:
    """Whether kanji that no Japanese writes are all there is, and that a few."""
    letters = [character for character in text if character > "\x7f"]
    if len(letters) >= LEAST_JUDGED or any(map(written, letters)):
        return False
    return all(character >= "\u0800" for character in letters)


def decoder(encoding: str) -> codecs.IncrementalDecoder:
    """A strict decoder of an encoding that we read; EUC-JP with the vendors' characters."""
    return _DECODERS[encoding](eucjp.errors(encoding))


def _readable(head: bytes, encoding: str) -> float:
    """The share of ordinary characters if the bytes are read so."""
    text = head.decode(encoding, "replace")
    return len(_ORDINARY.findall(text)) / max(len(text), 1)


def _sound(window: bytes, encoding: str, *, complete: bool) -> int:
    """How many of the first bytes are valid; characters that Python makes up are not."""
    try:
        text = decoder(encoding).decode(window, complete)
    except UnicodeDecodeError as error:
        return error.start
    if encoding == CP932 and (made_up := re.search("[\x80\uf8f0-\uf8f3]", text)):
        return len(text[: made_up.start()].encode(CP932))
    return len(window)


def _as_cp932(run: bytes) -> float:
    """The logarithm of how likely Japanese has these characters, read as CP932."""
    total, before = 0.0, 0
    at = 0
    while at < len(run):
        byte = run[at]
        if 0xA1 <= byte <= 0xDF:
            total += math.log(_halfwidth(byte, before))
            at += 1
        else:
            total += math.log(_kanji(byte))
            at += 2
        before = byte
    return total


def _halfwidth(byte: int, before: int) -> float:
    """How often this kana of JIS X 0201 follows that one (readings of names)."""
    voiceable = before == 0xB3 or 0xB6 <= before <= 0xC4 or 0xCA <= before <= 0xCE
    if byte == 0xDE:  # voiced mark
        return 0.2 if voiceable else 1e-6
    if byte == 0xDF:  # half-voiced mark
        return 0.02 if 0xCA <= before <= 0xCE else 1e-6
    if byte <= 0xA5:  # 。「」、・
        return 5e-4
    if byte <= 0xAF:  # small kana, and ｦ
        return 4e-3 if before else 1e-5
    if byte == 0xB0:  # long vowel
        return 0.05 if before else 1e-5
    return 0.019


def _kanji(lead: int) -> float:
    """How often a character of two bytes with this lead; its trail is one of 188."""
    if lead < 0x82 or lead == 0x83:
        return 0.05 / 188
    if lead == 0x82:
        return 0.1 / 188
    if 0x88 <= lead <= 0x98:
        return 0.02 / 188
    return 2e-4 / 188
