"""Gives Wine's C library the five functions of complex numbers that NumPy calls, and Wine 10 has only stubs of."""

import struct
from pathlib import Path

FUNCTIONS = {
    "crealf": "660f6ec1c3",
    "cimagf": "48c1e920660f6ec1c3",
    "creall": "f20f1001c3",
    "cimag": "f20f104108c3",
    "cimagl": "f20f104108c3",
}
"""What stands in each, as machine code of x86-64: take a part of a complex number, return it."""
_STUB = bytes.fromhex("4883ec28")
"""How a stub begins, which ends the program when it is called."""


def mend(library: Path) -> None:
    """Write the functions into a library of Wine's, over their stubs; one that is no stub stays as it is."""
    image = bytearray(library.read_bytes())
    for name, place in _exports(image):
        if name in FUNCTIONS and image[place : place + len(_STUB)] == _STUB:
            code = bytes.fromhex(FUNCTIONS[name])
            image[place : place + len(code)] = code
    library.write_bytes(image)


def _exports(image: bytearray) -> list[tuple[str, int]]:
    """The names that a library exports, and where in its file the code of each begins."""
    (header,) = struct.unpack_from("<I", image, 0x3C)
    (sections,) = struct.unpack_from("<H", image, header + 6)
    (optional,) = struct.unpack_from("<H", image, header + 20)
    table = [struct.unpack_from("<IIII", image, header + 24 + optional + 40 * i + 8) for i in range(sections)]

    def at(address: int) -> int:
        return next(raw + address - start for size, start, _, raw in table if start <= address < start + size)

    (directory,) = struct.unpack_from("<I", image, header + 24 + 112)
    count, functions, names, ordinals = struct.unpack_from("<IIII", image, at(directory) + 24)
    found = []
    for i in range(count):
        name = at(struct.unpack_from("<I", image, at(names) + 4 * i)[0])
        (ordinal,) = struct.unpack_from("<H", image, at(ordinals) + 2 * i)
        (code,) = struct.unpack_from("<I", image, at(functions) + 4 * ordinal)
        found.append((image[name : image.index(0, name)].decode(), at(code)))
    return found
