"""Arrays as plain values and bytes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .values import Values


def array_values(array: NDArray[Any]) -> Values:
    """An array as its bytes, type and shape."""
    return {"data": array.tobytes(), "type": array.dtype.str, "shape": array.shape}


def array_from(values: Values) -> NDArray[Any]:
    """An array that may be written to."""
    return np.frombuffer(values["data"], dtype=values["type"]).reshape(values["shape"]).copy()
