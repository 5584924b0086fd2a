"""What lies in inside/ runs on Windows alone: `./check --windows` runs it under Wine."""

import sys

collect_ignore_glob = [] if sys.platform == "win32" else ["inside/*"]
