"""The painter: a picture is optimised until the network sees the layer's content in the painting's style."""

from .canvas import Layer as Layer
from .plan import Forecast as Forecast
from .plan import forecast as forecast
from .plan import measure_speed as measure_speed
from .stylize import Step as Step
from .stylize import StylePicture as StylePicture
from .stylize import stylize as stylize
