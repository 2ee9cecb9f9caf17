"""``python -m benchmarks.batch [--answers N] [--peer N] [--long N]``."""

import sys

from benchmarks.batch import main

if __name__ == "__main__":
    main(argv=sys.argv[1:])
