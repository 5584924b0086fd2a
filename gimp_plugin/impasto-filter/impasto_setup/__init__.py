"""Sets the engine up: from the filter's own dialog and from install.py, with Python's standard library alone."""
