"""`python -m calllist.intake PARENT`: the intake process, started by `upload`."""

import os
import sys

from calllist.intake.confinement import INTAKE, confine

if __name__ == "__main__":
    confine(int(sys.argv[1]), INTAKE)
    from calllist.intake.reader import Reader

    reader = Reader.start()  # it gets ready while the rest of this process is loaded
    from calllist.intake.process import main

    code = main(reader)
    sys.stdout.flush()
    os._exit(code)  # nothing is left to tidy up, and nothing may be written on the way out
