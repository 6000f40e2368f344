"""`python -m calllist.intake.reading PARENT FD`: the reader, started by `intake.reader`."""

import sys

from calllist.intake.confinement import READER, confine

if __name__ == "__main__":
    confine(int(sys.argv[1]), READER)
    from calllist.intake.reading.process import main

    main(int(sys.argv[2]))
