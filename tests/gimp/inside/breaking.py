"""Checks that go wrong on purpose, so that it is seen that the others don't."""

import os
import time

from gi.repository import Gimp
from kit import add_layer, new_image, opposite, paint, picture, read, use_engine

ENGINE = "fake"


def a_check_that_fails():
    use_engine("gone")
    Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, picture("tiny-cat.png"))
    os.environ["HOME"] = "/nowhere"
    os.chdir("/")
    raise AssertionError("on purpose")


def a_check_after_one_that_failed():
    assert not Gimp.get_images()
    assert os.environ["HOME"] != "/nowhere"
    with new_image() as image:
        layer = add_layer(image, alpha=False)
        assert list(read(paint(image, layer))) == opposite(read(layer))


def a_check_in_which_gimp_dies():
    os.kill(os.getppid(), 9)
    time.sleep(3600)


def a_check_after_one_in_which_gimp_died():
    a_check_after_one_that_failed()


def a_check_that_hangs():
    time.sleep(3600)
