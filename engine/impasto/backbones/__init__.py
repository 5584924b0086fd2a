"""The frozen networks whose feature maps define content and style."""

from .registry import load_backbone as load_backbone
from .vgg import Backbone as Backbone
