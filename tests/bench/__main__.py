"""`make bench`: every measurement in one run, so that ratios can be compared."""

import sys

from tests.bench.keeper import main

if __name__ == "__main__":
    sys.exit(main())
