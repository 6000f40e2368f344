"""Seed files of hardware tokens: what makers deliver is read, anything else is refused by place."""

import base64

import pytest

from calllist.commands.tokenfiles import Token, TokenFileRefused, read
from crypto.standards.oath import Digest, Generator, Oath

SEED = bytes(range(20))
KEY = """
<KeyPackage><DeviceInfo><Manufacturer>Kaku</Manufacturer><SerialNo>{serial}</SerialNo></DeviceInfo>
<Key Id="{serial}" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:{kind}"><Issuer>Kaku</Issuer>
<AlgorithmParameters>{suite}<ResponseFormat Length="{digits}" Encoding="{encoding}"/>
</AlgorithmParameters><Data><Secret>{secret}</Secret>{data}</Data></Key></KeyPackage>"""
PLAIN = f"<PlainValue>{base64.b64encode(SEED).decode()}</PlainValue>"
USUAL = {
    "serial": "0755225266",
    "kind": "hotp",
    "suite": "",
    "digits": "8",
    "encoding": "DECIMAL",
    "secret": PLAIN,
    "data": "<Counter><PlainValue>7</PlainValue></Counter>",
}
TIMED = USUAL | {
    "serial": "0755225267",
    "kind": "totp",
    "suite": "<Suite>HMAC-SHA256</Suite>",
    "digits": "6",
    "data": "<Time><PlainValue>0</PlainValue></Time>"
    "<TimeInterval><PlainValue>60</PlainValue></TimeInterval>",
}


def pskc(*keys: dict[str, str], before: str = "") -> bytes:
    """A file as RFC 6030, 4.3 has it."""
    container = '<KeyContainer Version="1.0" xmlns="urn:ietf:params:xml:ns:keyprov:pskc">'
    packages = "".join(KEY.format(**key) for key in keys)
    return f'<?xml version="1.0"?>{before}{container}{packages}</KeyContainer>'.encode()


def test_pskc_with_plain_values() -> None:
    assert read(pskc(USUAL, TIMED)) == {
        "0755225266": Token("0755225266", SEED, Generator(Oath.HOTP, digits=8), counter=7),
        "0755225267": Token("0755225267", SEED, Generator(Oath.TOTP, Digest.SHA256, 6, 60)),
    }


ENCRYPTED = "<EncryptedValue><x/></EncryptedValue>"
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("file", "place", "what"),
    [
        (pskc(TIMED, USUAL | {"secret": ENCRYPTED}), 2, "EncryptedValue"),
        (pskc(USUAL | {"encoding": "HEXADECIMAL"}), 1, "ResponseFormat"),
        (pskc(USUAL | {"kind": "ocra"}), 1, "kind"),
        (pskc(USUAL | {"digits": "7"}), 1, "digits"),
        (pskc(USUAL | {"suite": "<Suite>HMAC-MD5</Suite>"}), 1, "digest"),
        (pskc(TIMED | {"data": "<TimeInterval><PlainValue>45</PlainValue></TimeInterval>"}), 1,
         "seconds"),
        (pskc(USUAL | {"data": "<Counter><PlainValue>-1</PlainValue></Counter>"}), 1, "counter"),
        (pskc(USUAL | {"secret": "<PlainValue>c2hvcnQ=</PlainValue>"}), 1, "seed"),
        (pskc(USUAL | {"secret": "<PlainValue>%%%</PlainValue>"}), 1, "seed"),
        (pskc(USUAL | {"secret": ""}), 1, "seed"),
        (pskc(USUAL | {"serial": "架空 花子"}), 1, "serial"),
        (pskc(USUAL, USUAL), 2, "serial"),
        (pskc(USUAL, before=BOMB), 1, "XML"),
        (pskc(USUAL, before=OUTSIDE), 1, "XML"),
        (pskc(USUAL)[:-5], 1, "XML"),
        (b"<other/>", 1, "KeyContainer"),
    ],
)  # fmt: skip
def test_pskc_that_cannot_be_used_is_refused_by_package_and_element(
    file: bytes, place: int, what: str
) -> None:
    with pytest.raises(TokenFileRefused) as refused:
        read(file)
    assert (refused.value.place, refused.value.what) == (place, what)


def test_csv_in_hexadecimal_and_in_base32() -> None:
    hexadecimal = f"Serial,Seed,Kind,Digits,Counter\r\nT-1,{SEED.hex()},hotp,8,3\r\n"
    button = Generator(Oath.HOTP, digits=8)
    assert read(hexadecimal.encode()) == {"T-1": Token("T-1", SEED, button, 3)}
    base32 = base64.b32encode(SEED).decode().lower()
    plain = f"\ufeffserial,seed_base32,digest,seconds\nT-2,{base32},SHA-512,60\nT-3,{base32},,\n"
    clock = Generator(Oath.TOTP, Digest.SHA512, 6, 60)
    assert read(plain.encode()) == {
        "T-2": Token("T-2", SEED, clock),
        "T-3": Token("T-3", SEED, Generator()),
    }


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("", 1, "serial,seed"),
        ("T-1,00\n", 1, "serial,seed"),
        ("serial,seed,seed_base32\n", 1, "serial,seed"),
        ("serial,seed,氏名\n", 1, "#3"),
        (f"serial,seed\nT-1,{SEED.hex()}\nT-2,{SEED.hex()[:-1]}\n", 3, "seed"),
        ("serial,seed\nT-1,0011\n", 2, "seed"),
        (f"serial,seed\n,{SEED.hex()}\n", 2, "serial"),
        (f"serial,seed\nT-1,{SEED.hex()},more\n", 2, "CSV"),
        (f"serial,seed,digits\nT-1,{SEED.hex()},x\n", 2, "digits"),
        (f'serial,seed\nT-1,"{SEED.hex()}\n', 2, "CSV"),
    ],
)
def test_csv_that_cannot_be_used_is_refused_by_line_and_column(
    text: str, place: int, what: str
) -> None:
    with pytest.raises(TokenFileRefused) as refused:
        read(text.encode())
    assert (refused.value.place, refused.value.what) == (place, what)
    assert SEED.hex() not in repr(refused.value)


def test_a_token_does_not_print_its_seed() -> None:
    assert SEED.hex() not in repr(Token("T-1", SEED, Generator()))
    assert repr(SEED) not in repr(Token("T-1", SEED, Generator()))
