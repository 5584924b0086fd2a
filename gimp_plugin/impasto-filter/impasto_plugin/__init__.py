"""The filter: its arguments, its dialog, the way of the pixels. For GIMP's own Python: gi, standard library, pyzmq."""
