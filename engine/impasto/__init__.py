"""The Impasto engine: repaints a picture in the style of a painting."""

import os

from impasto_wire import __version__ as __version__

# Before torch is loaded, which reads it once: threads that wait sleep instead of spinning. Beside GIMP, or any other
# program, spinning makes everyone many times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
