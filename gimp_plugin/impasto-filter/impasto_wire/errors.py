"""Everything that Impasto tells a person went wrong, as one tree whose codes cross the wire.

ImpastoError
├── WireError            wire            a message that breaks the protocol
├── SettingError         setting         a setting out of its range
├── PictureError         picture         a picture that can't be read, is too small or too large
├── PresetError          preset          a style that isn't there or can't be used
│   ├── PresetMissing                    no style has that name
│   ├── PresetExists                     a style has that name already
│   └── PresetInvalid                    a style's file can't be used, or what should become one
├── EngineUnavailable    unavailable     no engine answers
│   └── VersionMismatch  version         filter and engine speak different protocols
├── WeightsMissing       weights         the network's weights are missing or damaged
├── OutOfMemory          memory          the job doesn't fit into this machine's memory
├── LimitReached         limit           one client has as much at a time as it may have
├── WorkerDied           worker          the process that was painting ended
├── JobCancelled         cancelled       the person asked for it
└── EngineFault          fault           our own bug; the log has the details

An error without a code of its own crosses the wire as the class above it.
"""

from typing import ClassVar


class ImpastoError(Exception):
    """A sentence for the artist: what, the value, what is allowed, the next step."""

    code: ClassVar[str] = "error"
    job: str = ""
    """The job that a refused message spoke of, where that could be read."""


class WireError(ImpastoError):
    """A message that breaks the protocol."""

    code = "wire"


class SettingError(ImpastoError):
    """A setting out of its range."""

    code = "setting"


class PictureError(ImpastoError):
    """A picture that can't be read, is too small or too large."""

    code = "picture"


class PresetError(ImpastoError):
    """A style that isn't there or can't be used."""

    code = "preset"


class PresetMissing(PresetError):
    """No style has that name."""


class PresetExists(PresetError):
    """A style has that name already."""


class PresetInvalid(PresetError):
    """A style's file can't be used, or what should become one."""


class EngineUnavailable(ImpastoError):
    """No engine answers."""

    code = "unavailable"


class VersionMismatch(EngineUnavailable):
    """Filter and engine speak different protocols."""

    code = "version"


class WeightsMissing(ImpastoError):
    """The network's weights are missing or damaged."""

    code = "weights"


class OutOfMemory(ImpastoError):
    """The job doesn't fit into this machine's memory."""

    code = "memory"


class LimitReached(ImpastoError):
    """One client has as much at a time as it may have."""

    code = "limit"


class WorkerDied(ImpastoError):
    """The process that was painting ended."""

    code = "worker"


class JobCancelled(ImpastoError):
    """The person asked for it."""

    code = "cancelled"


class EngineFault(ImpastoError):
    """Our own bug; the log has the details."""

    code = "fault"


def _tree(root: type[ImpastoError]) -> dict[str, type[ImpastoError]]:
    found: dict[str, type[ImpastoError]] = {}
    for child in root.__subclasses__():
        found.update(_tree(child))
    return {**found, root.code: root}


_BY_CODE = _tree(ImpastoError)


def error_from(code: str, message: str) -> ImpastoError:
    """The error that was raised on the other side; an unknown code gives a plain `ImpastoError`."""
    return _BY_CODE.get(code, ImpastoError)(message)
