"""`calllist statement`: requests of every kind, written without database or keeper."""

from datetime import datetime
from pathlib import Path

import pytest

from calllist.clock import JST
from crypto.signed import keyfile, statements
from crypto.signed.orders import (
    BudgetRaise,
    CertificateRevocation,
    Corrections,
    Extension,
    Hold,
    Order,
    PartyDecision,
    RecipientChange,
    Reissue,
    ShredOrder,
)
from tests.calllist.command_line import run

LAST = datetime(2099, 3, 31, 23, 59, 59, 999999, tzinfo=JST)
OF = ("--entrustor", "ent_1", "--issuer", "per_1")
CONTRACT = ("--contract", "ctr_1")
UNTIL = ("--until", "2099-03-31")


@pytest.mark.parametrize(
    ("words", "body"),
    [
        (
            ("budget", *OF, *CONTRACT, *UNTIL, "--person", "per_2", "--hour", 200),
            BudgetRaise("ent_1", "ctr_1", LAST, "per_2", people_per_hour=200),
        ),
        (("party", "pty_2", *OF, *CONTRACT), PartyDecision("ent_1", "ctr_1", "pty_2", True)),
        (
            ("party", "pty_2", *OF, *CONTRACT, "--withdraw"),
            PartyDecision("ent_1", "ctr_1", "pty_2", False),
        ),
        (("hold", "lst_1", *OF, "--reason", "訴訟"), Hold("ent_1", "lst_1", True, "訴訟")),
        (
            ("hold", "lst_1", *OF, "--reason", "終結", "--release"),
            Hold("ent_1", "lst_1", False, "終結"),
        ),
        (("extension", "lst_1", *OF, *UNTIL), Extension("ent_1", "lst_1", LAST)),
        (("shred", "lst_1", "lst_2", *OF), ShredOrder("ent_1", ("lst_1", "lst_2"))),
        (
            ("reissue", "C-1", "--list", "lst_1", *OF, "--reason", "name", "--name", "架空市"),
            Reissue("ent_1", "lst_1", "C-1", "name", Corrections("架空市")),
        ),
        (
            ("revoke-certificate", "C-1", "--list", "lst_1", *OF, "--reason", "wrong_list"),
            CertificateRevocation("ent_1", "lst_1", "C-1", "wrong_list"),
        ),
    ],
)
def test_each_kind_is_drafted_as_it_will_be_signed(
    tmp_path: Path, words: tuple[object, ...], body: Order
) -> None:
    done = run("statement", *words, "-o", "request.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    request = statements.load_request((tmp_path / "request.json").read_bytes())
    assert (request.body, request.issuer) == (body, "per_1")


def test_the_new_receiving_key_is_the_public_files(tmp_path: Path) -> None:
    pair = keyfile.generate(tmp_path / "new.key")
    words = ("statement", "recipient", "new.pub", *OF, "-o", "request.json")
    assert run(*words, cwd=tmp_path).returncode == 0
    request = statements.load_request((tmp_path / "request.json").read_bytes())
    assert request.body == RecipientChange("ent_1", pair.public.recipient.data)


@pytest.mark.parametrize(
    "words",
    [
        ("shred", "no id", *OF),
        ("reissue", "C-1", "--list", "lst_1", *OF, "--reason", "other", "--name", "架空市"),
        ("hold", "lst_1", *OF, "--reason", ""),
        ("extension", "lst_1", *OF, "--until", "tomorrow"),
        ("extension", "lst_1", "--entrustor", "ent_1", *UNTIL),  # nobody asks
    ],
)
def test_what_could_not_be_signed_is_not_written(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = run("statement", *words, "-o", "request.json", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr
    assert not (tmp_path / "request.json").exists()
