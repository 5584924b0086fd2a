"""What a test needs of the system that it runs on."""

import os

import pytest

needs_posix = pytest.mark.skipif(os.name != "posix", reason="signals, modes, links and shell scripts are not Windows'")
