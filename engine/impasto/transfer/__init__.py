"""The painter: a picture is optimised until the network sees the layer's content in the painting's style."""

from .canvas import Layer as Layer
from .stylize import Step as Step
from .stylize import StylePicture as StylePicture
from .stylize import stylize as stylize
