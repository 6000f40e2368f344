"""`python -m calllist.intake PARENT`: the intake process, started by `upload`."""

import os
import sys

from calllist.intake.confinement import confine
from calllist.intake.process import main

if __name__ == "__main__":
    confine(int(sys.argv[1]))
    code = main()
    sys.stdout.flush()
    os._exit(code)  # nothing is left to tidy up, and nothing may be written on the way out
