"""Write the frozen vectors, each once: what is there stays as it is.

    python -m tests.vectors.make

sealing.json, ledger/   by `tests.crypto.records.test_sealing_vectors` and `test_ledger_vectors`
statements/             every kind, signed by fixed fictional keys
keys/                   key files, and a keystore with its root (file) and one list
certificate/, certificate_2/  issued by a real keeper with fixed signing keys; its public keys
uploads/                references as they are filed, the statement of whom to encrypt to
age/                    copied from C2SP/CCTV: see its README.md
hpke.json               copied by hand from what is published: see
`tests.crypto.records.test_hpke_vectors`

Whoever changes a label, an order of parts or a format writes new vectors beside these, in a
folder of a later version, and the old ones go on being read. Tests never write here.
"""

from collections.abc import Callable
from pathlib import Path

from tests.crypto.certificates import test_upload_vectors
from tests.crypto.keys import test_keyfile_vectors
from tests.crypto.ledger import test_ledger_vectors
from tests.crypto.signed import test_statement_vectors
from tests.retention import test_certificate_vectors

WRITERS: dict[Path, Callable[[Path], None]] = {
    test_ledger_vectors.FROZEN: test_ledger_vectors.write,
    test_statement_vectors.FROZEN: test_statement_vectors.write,
    test_keyfile_vectors.FROZEN: test_keyfile_vectors.write,
    test_certificate_vectors.LATER: test_certificate_vectors.write,
    test_upload_vectors.FROZEN: test_upload_vectors.write,
}

if __name__ == "__main__":
    for folder, write in WRITERS.items():
        if folder.exists():
            print(f"{folder.name}/ is there, and stays as it is")
        else:
            write(folder)
            print(f"{folder.name}/ written")
