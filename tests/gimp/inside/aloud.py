"""What a screen reader finds in the filter's windows, by AT-SPI: prints roles, names, and what can be focused."""

import json
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi  # noqa: E402

SECONDS = 30.0
"""How long the filter may take to come to the bus."""


def things(thing):
    """All that is shown of a window or a part of it."""
    states = thing.get_state_set()
    if thing.get_role() != Atspi.Role.APPLICATION and not states.contains(Atspi.StateType.SHOWING):
        return
    yield {
        "role": thing.get_role_name(),
        "name": name_of(thing),
        "is_focusable": states.contains(Atspi.StateType.FOCUSABLE),
        "description": thing.get_description(),
    }
    for place in range(thing.get_child_count()):
        child = thing.get_child_at_index(place)
        if child is not None:
            yield from things(child)


def name_of(thing):
    """What is read aloud: its own name, or its label's."""
    labels = [
        relation.get_target(place).get_name()
        for relation in thing.get_relation_set()
        if relation.get_relation_type() == Atspi.RelationType.LABELLED_BY
        for place in range(relation.get_n_targets())
    ]
    return thing.get_name() or " ".join(labels)


def filters():
    """The filter's processes, as the bus knows them."""
    desk = Atspi.get_desktop(0)
    programs = [desk.get_child_at_index(place) for place in range(desk.get_child_count())]
    return [program for program in programs if program is not None and "impasto" in program.get_name()]


end = time.monotonic() + SECONDS
while not filters() and time.monotonic() < end:
    time.sleep(0.2)
print(json.dumps([thing for program in filters() for thing in things(program)]))
