"""Puts Impasto's engine and GIMP filter on a machine, and takes them off again. Standard library only, Python 3.9."""
