"""The painter: a picture is optimised until the network sees the layer's content in the painting's style."""

from .canvas import WarpedFrame as WarpedFrame
from .checkpoints import NOT_KEPT as NOT_KEPT
from .checkpoints import Checkpoint as Checkpoint
from .checkpoints import Checkpoints as Checkpoints
from .forecasts import Speed as Speed
from .forecasts import forecast as forecast
from .forecasts import measure_speed as measure_speed
from .recipes import IMPASTO as IMPASTO
from .recipes import Recipe as Recipe
from .recipes import custom_recipe as custom_recipe
from .recipes import recipe_named as recipe_named
from .styles import SharedTargets as SharedTargets
from .stylize import shared_targets as shared_targets
from .stylize import stylize as stylize
from .team import ALONE as ALONE
from .team import Team as Team
from .uncoloured import FORGOTTEN as FORGOTTEN
from .uncoloured import Uncoloured as Uncoloured
