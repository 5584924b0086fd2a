"""What the painter's tests share: one real network, one small photo, one small painting."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from skimage.data import chelsea, coffee
from skimage.transform import resize

from impasto.backbones import Backbone, load_backbone
from impasto.request import WeightedStyle


@pytest.fixture(scope="session")
def photo() -> NDArray[np.uint8]:
    """A cat, 96x64."""
    return np.rint(resize(chelsea(), (64, 96), anti_aliasing=True) * 255).astype(np.uint8)


@pytest.fixture(scope="session")
def style() -> WeightedStyle:
    """A cup of coffee, warm and bold, 96x64: any picture can be a style."""
    return WeightedStyle(np.rint(resize(coffee(), (64, 96), anti_aliasing=True) * 255).astype(np.uint8))


@pytest.fixture(scope="session")
def squeezenet(squeezenet_weights: Path) -> Backbone:
    """The real SqueezeNet, on the CPU."""
    return load_backbone("squeezenet", torch.device("cpu"), squeezenet_weights)


@pytest.fixture(scope="session")
def backbones(vgg19: Backbone, squeezenet: Backbone) -> dict[str, Backbone]:
    """The real networks by name."""
    return {"vgg19": vgg19, "squeezenet": squeezenet}
