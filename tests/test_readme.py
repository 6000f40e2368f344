"""The READMEs stay true: links lead somewhere, promises to tests, commands to who runs them."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
READMES = ("README.md", "README.ja.md")
PAGES = (*READMES, "SECURITY.md", "CHANGELOG.md")

# Each command that a README shows: the test that runs it, and the words it runs it with.
RUN_BY = {
    "make run": ("demo/test_run.py", "demo.run"),
    "calllist sign-in https://calllist.example": (
        "calllist/test_upload_command.py",
        '"sign-in", url or server.origin',
    ),
    "calllist upload list.csv --job KNK-001": (
        "calllist/test_upload_command.py",
        '"upload", file, "--job"',
    ),
    "calllist receipt show lst_0123456789abcdef --csv": (
        "calllist/test_upload_command.py",
        '"show", told["list"], "--csv"',
    ),
    "calllist withdraw paid.csv --job KNK-001": (
        "calllist/test_withdraw_command.py",
        '"withdraw", file, "--job"',
    ),
    "calllist seal list.csv --job JOB --recipient recipient.json --pin certificate.pub": (
        "calllist/test_seal_command.py",
        '"seal", "list.csv", "--job", job, "--recipient", "recipient.json"',
    ),
    "calllist receipt check list.csv receipt.json --key entrustor.key": (
        "calllist/test_receipt_check.py",
        '("receipt", "check"',
    ),
    "calllist verify certificate.pdf --key certificate.pub --document-certificate document.pem": (
        "promises/test_8_certificates.py",
        'calllist("verify", file, *pinned)',
    ),
    "calllist health https://calllist.example": (
        "calllist/test_health_command.py",
        '"health", url',
    ),
    "make test": ("test_readme.py", "make test"),  # what runs this very test
    "make demo FILE=list.csv": ("demo/test_headless.py", "demo.headless"),
    "make thief ROLE=dba": ("redteam/test_insiders.py", "ROLES[name].rob(raid)"),
    "calllist ledger verify ledger --key ledger.pub": (
        "promises/test_11_the_entrustor_can_find_out.py",
        'calllist("ledger", "verify"',
    ),
    "calllist ledger prove ledger --key ledger.pub --line 3 -o line.json": (
        "calllist/test_cli_ledger.py",
        'tool(log, "prove"',
    ),
    "calllist ledger check-proof line.json --key ledger.pub": (
        "calllist/test_cli_ledger.py",
        'tool(log, "check-proof"',
    ),
    "calllist witness --new-key auditor.example --key witness.key": (
        "demo/test_run.py",
        '"calllist witness --new-key auditor.example --key witness.key"',
    ),
    "calllist ledger pin-witness witness.pub": (
        "demo/test_run.py",
        '"calllist ledger pin-witness witness.pub"',
    ),
    "calllist ledger mirror": ("calllist/mirror/test_mirror.py", '"ledger", "mirror"'),
    ". ./ids": ("demo/test_run.py", "## Decisions by signature"),
    "calllist statement budget --entrustor $ENTRUSTOR --contract $CONTRACT --role operator"
    " --hour 150 --until $UNTIL --issuer $ISSUER -o more.json": (
        "demo/test_run.py",
        "## Decisions by signature",
    ),
    "calllist approve more.json --key entrustor.key": (
        "demo/test_run.py",
        "## Decisions by signature",
    ),
    "calllist witness https://calllist.example --key witness.key --log-key ledger.pub": (
        "calllist/mirror/test_mirror.py",
        '("witness", web',
    ),
    "calllist trace ledger.entries --key entrustor.key --log-key ledger.pub"
    " --numbers numbers.txt": (
        "promises/test_11_the_entrustor_can_find_out.py",
        'calllist("trace"',
    ),
    "calllist verify certificate.json --key certificate.pub": (
        "promises/test_8_certificates.py",
        'calllist("verify"',
    ),
    "calllist verify certificate.json --key certificate.pub --with later.json": (
        "calllist/web/test_editions.py",
        '"verify", old, "--key", pinned, "--with", new',
    ),
    "calllist results open results.json --key entrustor.key": (
        "promises/test_9_nothing_is_lost.py",
        'calllist("results", "open"',
    ),
}


def text(page: str) -> str:
    """A page of the project's root."""
    return (ROOT / page).read_text()


@pytest.mark.parametrize("page", PAGES)
def test_every_link_of_a_page_leads_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", text(page))
    dead = [link for link in links if "://" not in link and not (ROOT / link).exists()]
    assert not dead
    assert links or page == "CHANGELOG.md"


@pytest.mark.parametrize("page", READMES)
def test_every_promise_links_to_its_test(page: str) -> None:
    promises = re.findall(
        r"^(\d+)\. \*\*.*?(?=^\d+\. \*\*|\n\n(?!   )\S)", text(page), re.MULTILINE | re.DOTALL
    )
    bodies = re.split(r"^\d+\. \*\*", text(page), flags=re.MULTILINE)[1:]
    assert len(promises) == len(bodies) == 13
    for number, body in zip(promises, bodies, strict=True):
        assert f"tests/promises/test_{number}_" in body, number


@pytest.mark.parametrize("page", READMES)
def test_every_command_is_run_by_a_test(page: str) -> None:
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", text(page), re.MULTILINE | re.DOTALL)
    commands = {line.strip() for block in blocks for line in block.splitlines() if line.strip()}
    assert commands == set(RUN_BY)
    for test, words in RUN_BY.values():
        assert words in text(f"tests/{test}")
    makefile = text("Makefile")
    assert "-m demo.run" in makefile
    assert "-m demo.headless" in makefile
    assert "-m tests.redteam" in makefile


def test_both_readmes_make_the_same_promises_and_claims() -> None:
    links = [re.findall(r"\]\((tests/[^)]+)\)", text(page)) for page in READMES]
    assert links[0] == links[1]
    headings = [re.findall(r"^#+ ", text(page), re.MULTILINE) for page in READMES]
    assert headings[0] == headings[1]
