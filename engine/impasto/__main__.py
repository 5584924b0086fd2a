"""`python -m impasto`: the command line, where the `impasto` script isn't on the PATH."""

import sys

from impasto.cli import main

if __name__ == "__main__":
    sys.exit(main())
