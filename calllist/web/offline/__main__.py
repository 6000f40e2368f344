"""Writes the offline pages into this folder, or elsewhere, and says their SHA-256."""

import hashlib
import sys
from pathlib import Path

from calllist.web.offline import FOLDER, PAGES, assembled

target = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
for page in PAGES:
    content = assembled(page)
    (target / f"{page}.html").write_bytes(content)
    sys.stdout.write(f"{hashlib.sha256(content).hexdigest()}  {page}.html\n")
