"""`impasto install-filter`: put the filter that came with this engine into every GIMP 3, or take it out again."""

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from impasto_install.system import System


def add_parser(subparsers: Any) -> None:
    """Hang the command on the command line."""
    parser = subparsers.add_parser("install-filter", help="put the filter into every GIMP 3, with this engine")
    parser.add_argument("--uninstall", action="store_true", help="take it out of every GIMP again")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Do it, and say where. Raises `InstallError`."""
    from impasto_install.system import this_system

    system = this_system()
    if chosen.uninstall:
        _remove(system)
    else:
        _add(system)
    return 0


def _add(system: "System") -> None:
    from impasto.installed import place_filters
    from impasto_install.installation import MENU
    from impasto_install.speak import say

    gimps = place_filters(system)
    for gimp in gimps:
        say(f"GIMP {gimp.version}: {gimp.plug_ins}")
    if gimps:
        say(f"In GIMP, open a picture and choose {MENU} (a GIMP that is running must be started again).")
    else:
        say("There is no GIMP 3 on this machine yet: install one and run this again.")


def _remove(system: "System") -> None:
    from impasto.installed import prefix_of
    from impasto_install.filter_alone import remove_filters
    from impasto_install.speak import say, size

    prefix = prefix_of(system)
    freed = remove_filters(system, prefix)
    if freed is None:
        say(f"No filter is written down in {prefix}: nothing to remove.")
    else:
        say(f"The filter is gone from every GIMP; {size(freed)} came free.")
