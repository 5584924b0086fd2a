"""The sub-commands, each in a file of its own: `add_parser(subparsers)` says what it takes and hangs `run` on it."""

from .artworks import add_parser as add_artworks
from .batch import add_parser as add_batch
from .doctor import add_parser as add_doctor
from .engine import add_parsers as add_service_parsers
from .forget import add_parser as add_forget
from .install_filter import add_parser as add_install_filter
from .presets import add_parser as add_presets
from .stylize import add_parser as add_stylize
from .weights import add_parser as add_weights

ADD_PARSERS = (
    add_stylize,
    add_batch,
    add_presets,
    add_artworks,
    add_weights,
    add_install_filter,
    add_doctor,
    add_forget,
    add_service_parsers,
)
