"""Every message of the protocol, as a value. PROTOCOL.md says when each is sent.

On the wire a message goes by the name of its class, or by its `wire_name`.
"""

from dataclasses import dataclass, fields
from typing import ClassVar

from .errors import PictureError
from .pictures import PictureRef, check_size
from .request import RECIPE, FrameBefore, PaintRequest, Window, check_recipe, check_regions
from .settings import Purpose, Settings


@dataclass(frozen=True)
class Hello:
    """The first message of a session."""

    protocol: int
    client: str


@dataclass(frozen=True, kw_only=True)
class Submit(PaintRequest[PictureRef]):
    """Queue one job: a request under the client's name for it. Layer and styles come as RGBA."""

    job: str
    purpose: Purpose

    def __post_init__(self) -> None:
        super().__post_init__()
        styles = [*self.styles, *(style for region in self.regions for style in region.styles)]
        for name, ref in (("layer", self.layer), *(("style", style.picture) for style in styles)):
            if ref.channels != 4:
                raise PictureError(f"the {name} has {ref.channels} channels; it must come as RGBA")
        regions = [("region's map", region.map) for region in self.regions]
        for name, map_ in (("selection", self.selection), ("detail map", self.detail_map), *regions):
            if map_ and (map_.channels, map_.width, map_.height) != (1, self.layer.width, self.layer.height):
                raise PictureError(f"the {name} must have one channel and the layer's size")
        if self.window and not _lies_in(self.window, self.layer):
            raise PictureError("the window must lie within the layer, and both sides must be at least 1 pixel")
        if self.before:
            self._check_before(self.before)
        if self.earlier:
            self._check_earlier(self.earlier)

    @classmethod
    def of(cls, request: PaintRequest[PictureRef], job: str, purpose: Purpose) -> "Submit":
        """The message that asks for a request."""
        asked = {field.name: getattr(request, field.name) for field in fields(PaintRequest)}
        return cls(**asked, job=job, purpose=purpose)

    def _check_before(self, before: FrameBefore[PictureRef]) -> None:
        size = self.layer.width, self.layer.height
        for name, ref, channels in (("layer", before.layer, 4), ("painting", before.painting, 3)):
            if (ref.width, ref.height, ref.channels) != (*size, channels):
                raise PictureError(f"the {name} of the frame before must have {channels} channels and the layer's size")
        if self.window:
            raise PictureError("a frame that begins from the one before is painted whole, without a window")

    def _check_earlier(self, earlier: PictureRef) -> None:
        layer = self.layer
        if earlier.channels != 3:
            raise PictureError(f"the earlier painting has {earlier.channels} channels; it must come as RGB")
        skew = abs(earlier.width * layer.height - earlier.height * layer.width)
        if earlier.width > layer.width or earlier.height > layer.height or skew > layer.width + layer.height:
            raise PictureError(
                f"the earlier painting is {earlier.width}x{earlier.height}, the layer {layer.width}x{layer.height}; "
                "it must have the layer's proportions, and may not be larger"
            )

    @property
    def painted_size(self) -> tuple[int, int]:
        """Width and height of the painting that is asked for."""
        asked = self.window or self.layer
        return asked.width, asked.height


def _lies_in(window: Window, layer: PictureRef) -> bool:
    is_across = 0 <= window.left < window.left + window.width <= layer.width
    return is_across and 0 <= window.top < window.top + window.height <= layer.height


@dataclass(frozen=True)
class AskForecast:
    """Ask how long a layer of that size would take and how much memory; `job` only names the question, `regions` are
    the settings of the layer's regions."""

    wire_name: ClassVar[str] = "Forecast"

    job: str
    width: int
    height: int
    settings: Settings
    recipe: str = RECIPE
    regions: tuple[Settings, ...] = ()

    def __post_init__(self) -> None:
        check_size(self.width, self.height)
        check_recipe(self.recipe)
        check_regions(len(self.regions))


@dataclass(frozen=True)
class Keep:
    """Finish a running job with what there is."""

    job: str


@dataclass(frozen=True)
class Credit:
    """The receiver of a picture allows its sender that many more bands."""

    job: str
    digest: str
    bands: int


@dataclass(frozen=True)
class Cancel:
    """Drop a job of this session."""

    job: str


@dataclass(frozen=True)
class Ping:
    """A sign of life; keeps the session's lease."""

    number: int


@dataclass(frozen=True)
class AskStatus:
    """Ask for a `Welcome` and a `StatusReport`, with a session or without. An engine that is older refuses it."""

    wire_name: ClassVar[str] = "Status"


@dataclass(frozen=True)
class Stop:
    """End the engine; it obeys only the client of its own machine."""


@dataclass(frozen=True)
class Welcome:
    """The engine's answer to `Hello`. Sent again when it knows more about its devices."""

    protocol: int
    version: str
    devices: tuple[str, ...]
    backbones: tuple[str, ...]
    queue: int = 0
    """Jobs of all sessions that are being painted or wait for it."""


@dataclass(frozen=True)
class Need:
    """The engine doesn't hold this picture of the job: send its bands, at most `bands` of them before more `Credit`."""

    job: str
    digest: str
    bands: int


@dataclass(frozen=True)
class Accepted:
    """The job is queued, so many before it, one that runs included. Sent again when that changes."""

    job: str
    position: int


@dataclass(frozen=True)
class Progress:
    """One step of a running job. Scales and steps count from 1; steps are those of this scale.

    With a `note`, a sentence, nothing is painted yet: it says what is being made ready.
    """

    job: str
    scale: int
    scales: int
    step: int
    steps: int
    fraction: float
    loss: float
    seconds_left: float | None
    note: str = ""


@dataclass(frozen=True)
class Preview:
    """The picture so far (RGB, u8, perhaps smaller). Its bands come on `Credit`; a newer one replaces it."""

    job: str
    picture: PictureRef
    scale: int
    step: int


@dataclass(frozen=True)
class Finished:
    """The job is done; the result's bands (RGB, the layer's samples and size) come on `Credit`."""

    job: str
    picture: PictureRef
    seconds: float


@dataclass(frozen=True)
class Cancelled:
    """The job was dropped."""

    job: str


@dataclass(frozen=True)
class Failed:
    """The job (or, with an empty job, the last message) failed; `code` names a class of errors.py."""

    job: str
    code: str
    message: str


@dataclass(frozen=True)
class Forecasted:
    """The answer to `AskForecast`: wall time, memory, and the plan in a sentence."""

    job: str
    seconds: float
    bytes: int
    plan: str


@dataclass(frozen=True)
class Pong:
    """The answer to `Ping`."""

    number: int


@dataclass(frozen=True)
class ClientUse:
    """What one client, known by its key, has of the engine now."""

    name: str
    """The name that it was paired under, or "this machine"."""
    sessions: int
    jobs: int
    """Jobs that are unfinished or not fetched."""
    stored: int
    """Bytes of the pictures that its jobs need."""
    unread: int
    """Bytes of its jobs' results, painted or still to come."""
    painting_seconds: float
    """Since the engine started."""


@dataclass(frozen=True)
class StatusReport:
    """The answer to `AskStatus`. A paired client hears of itself only."""

    clients: tuple[ClientUse, ...]
    faults: int
    """Faults of the engine's own, since it started; each ended one session only."""


ToEngine = Hello | Submit | AskForecast | Credit | Keep | Cancel | Ping | AskStatus | Stop
FromEngine = (
    Welcome
    | Need
    | Credit
    | Accepted
    | Progress
    | Preview
    | Finished
    | Cancelled
    | Failed
    | Forecasted
    | Pong
    | StatusReport
)
