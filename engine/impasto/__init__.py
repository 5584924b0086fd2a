"""The Impasto engine: repaints a picture in the style of a painting."""

import os

from impasto_wire import __version__ as __version__

# Before torch is loaded, which reads them once. Threads that wait sleep instead of spinning: beside GIMP, or any other
# program, spinning makes everyone many times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# Large pieces of memory come in pages of 2 MiB: in pages of 4 KiB, a third of the time of a large layer goes into them.
os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
