"""The frozen networks whose feature maps define content and style."""

from .features import Backbone as Backbone
from .padding import Padding as Padding
from .pooling import Pooling as Pooling
from .registry import load_backbone as load_backbone
