"""The filter, for GIMP's own Python: it uses gi, the standard library and, where there is one, pyzmq."""
