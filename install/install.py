"""Install Impasto: `python3 install/install.py` (`--help` for more). impasto_install, beside this, does it."""

import sys

sys.dont_write_bytecode = True
if sys.version_info >= (3, 9):  # noqa: UP036  an older Python shall hear a sentence, not a traceback
    from pathlib import Path

    sys.path.append(str(Path(__file__).resolve().parents[1] / "gimp_plugin" / "impasto-filter"))  # for impasto_setup
    from impasto_install.main import main

    sys.exit(main())
newer = "py -3.11" if sys.platform == "win32" else "python3.11"
sys.exit("Impasto needs Python 3.11 or newer, and this is an older one. Try: " + newer + " install/install.py")
