"""A witness cosigns what has only grown, and nothing else; what it keeps stays."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.ledger import proven
from crypto.ledger.checkpoint import ED25519_NOTE, parse
from crypto.ledger.proofs import consistency
from crypto.ledger.reading import months, read_note
from crypto.ledger.tiles import hash_at, tile_path
from crypto.ledger.watching import Inconsistent, KeyRefused, Watch, WitnessKey
from tests.crypto.logs import PUBLIC, Log

KEY = WitnessKey("auditor.example", Ed25519PrivateKey.from_private_bytes(bytes(32)))
AT = 1_775_523_600


def shown(folder: Path) -> Callable[[str], bytes]:
    """What a platform shows of this log folder."""

    def fetch(path: str) -> bytes:
        place = urlsplit(path)
        month, _, what = place.path.rpartition("/")
        if not month:
            return read_note(folder / months(folder)[-1] / "checkpoint").encode()
        note = read_note(folder / month / "checkpoint")
        size = parse(note).checkpoint.size
        if what == "consistency":
            asked = {name: int(value[0]) for name, value in parse_qs(place.query).items()}
            at = hash_at(size, lambda *one: (folder / month / tile_path(*one)).read_bytes())
            return _json(consistency(asked["old"], asked["new"], at))
        first = sum(
            parse(read_note(folder / one / "checkpoint")).checkpoint.size
            for one in months(folder)
            if one < month
        )
        proof = proven.of_line(folder, first, PUBLIC)
        return json.dumps(
            {
                "entry": base64.b64encode(proof.entry).decode(),
                "hashes": json.loads(_json(list(proof.hashes))),
                "checkpoint": proof.checkpoint,
            }
        ).encode()

    return fetch


def _json(hashes: list[bytes]) -> bytes:
    return json.dumps([base64.b64encode(one).decode() for one in hashes]).encode()


def grown(folder: Path, *, april: int = 50, turns: int = 0, june: int = 0, who: str = "a") -> Path:
    log = Log(folder)
    log.grow(april, principal=who)
    for _ in range(turns):
        log.turn()
    log.grow(june, principal=who)
    log.publish()
    return folder


def test_it_follows_a_log_that_grows_through_the_months(tmp_path: Path) -> None:
    watch = Watch(tmp_path / "kept", PUBLIC)
    assert watch.kept() is None
    heads = [
        watch.look(shown(grown(tmp_path / name, **plan)), KEY, AT).head
        for name, plan in (
            ("one", {"april": 50}),
            ("same", {"april": 50}),
            ("more", {"april": 400}),
            ("two months on", {"april": 420, "turns": 2, "june": 30}),
            ("more of June", {"april": 420, "turns": 2, "june": 300}),
        )
    ]
    assert [(head.month, head.size) for head in heads] == [
        ("2026-04", 50),
        ("2026-04", 50),
        ("2026-04", 400),
        ("2026-06", 31),
        ("2026-06", 301),
    ]
    kept = watch.kept()
    assert kept is not None
    assert kept[1] == heads[-1]
    assert KEY.public.check(parse(kept[0]))[1] == AT


@pytest.mark.parametrize(
    "plan",
    [
        {"april": 399},  # shorter
        {"april": 500, "who": "b"},  # rewritten
        {"april": 399, "turns": 1, "june": 5},  # cut off where the month ends
        {"april": 500, "turns": 2, "june": 5, "who": "b"},  # rewritten before that
    ],
)
def test_what_was_cut_off_or_rewritten_is_not_cosigned(tmp_path: Path, plan: dict) -> None:
    watch = Watch(tmp_path / "kept", PUBLIC)
    seen = watch.look(shown(grown(tmp_path / "one", april=400)), KEY, AT)
    with pytest.raises(Inconsistent):
        watch.look(shown(grown(tmp_path / "other", **plan)), KEY, AT + 1)
    assert watch.kept() == (seen.note, seen.head)


def test_a_log_that_goes_back_to_an_earlier_month_is_not_cosigned(tmp_path: Path) -> None:
    watch = Watch(tmp_path / "kept", PUBLIC)
    watch.look(shown(grown(tmp_path / "one", april=400, turns=1)), KEY, AT)
    with pytest.raises(Inconsistent, match="2026-04 after 2026-05"):
        watch.look(shown(grown(tmp_path / "back", april=400)), KEY, AT)


def test_every_month_between_is_looked_at(tmp_path: Path) -> None:
    """The newest month names a May that is not the one shown, or leaves April out."""
    watch = Watch(tmp_path / "kept", PUBLIC)
    watch.look(shown(grown(tmp_path / "one", april=50)), KEY, AT)
    whole = shown(grown(tmp_path / "whole", april=60, turns=2, june=9))
    other = shown(grown(tmp_path / "other", april=61, turns=2, june=9))
    for month in ("2026-05", "2026-06"):

        def fetch(path: str, month: str = month) -> bytes:
            return (other if path == f"{month}/opening" else whole)(path)

        with pytest.raises(Inconsistent):
            watch.look(fetch, KEY, AT)
    assert watch.look(whole, KEY, AT).head.month == "2026-06"


def test_a_key_file_is_the_owners_alone_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "w.key"
    path.write_text(KEY.written())
    path.chmod(0o600)
    assert WitnessKey.load(path).public == KEY.public
    for others in range(6):
        path.chmod(0o600 | 1 << others)
        with pytest.raises(KeyRefused, match="mode"):
            WitnessKey.load(path)
    path.chmod(0o600)
    body = base64.b64encode(ED25519_NOTE + KEY.key.private_bytes_raw()).decode()
    log_key = f"{KEY.written().rpartition('+')[0]}+{body}\n"
    spelled = KEY.written().replace("auditor", "other")
    for wrong in ("", "x", spelled, KEY.written()[:-5], log_key):
        path.write_text(wrong)
        with pytest.raises(KeyRefused):
            WitnessKey.load(path)


def test_the_first_line_of_a_month_is_proven_and_is_one_that_chains(tmp_path: Path) -> None:
    watch = Watch(tmp_path / "kept", PUBLIC)
    watch.look(shown(grown(tmp_path / "one", april=50)), KEY, AT)
    whole = shown(grown(tmp_path / "whole", april=60, turns=1, june=9))
    rewritten = shown(grown(tmp_path / "rewritten", april=60, turns=1, june=9, who="b"))

    def forged(path: str) -> bytes:
        """Another log's first line under this one's head."""
        if not path.endswith("opening"):
            return whole(path)
        entry = json.loads(rewritten(path))["entry"]
        return json.dumps(json.loads(whole(path)) | {"entry": entry}).encode()

    with pytest.raises(Inconsistent):
        watch.look(forged, KEY, AT)

    early = Log(tmp_path / "early")  # the same log, as it was a little before
    early.grow(55, principal="a")
    leaf = {"seq": 60, "at": 0, "kind": "shard", "month": "2026-05", "previous": early.publish()}
    made_up = base64.b64encode(bytes(16) + json.dumps(leaf).encode()).decode()

    def invented(path: str) -> bytes:
        """A first line that chains, and that is not in the log."""
        if not path.endswith("opening"):
            return whole(path)
        return json.dumps(json.loads(whole(path)) | {"entry": made_up}).encode()

    with pytest.raises(Inconsistent, match="another head"):
        watch.look(invented, KEY, AT)
