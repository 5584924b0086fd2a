"""`impasto presets`: the styles that are there."""

import argparse
import json
import sys
from typing import Any

from impasto_presets import list_presets


def add_parser(subparsers: Any) -> None:
    """Hang the command on the command line."""
    parser = subparsers.add_parser("presets", help="the styles that are there")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="name every style")
    listing.add_argument("--json", action="store_true", help="as one JSON list")
    listing.set_defaults(run=run_list)


def run_list(chosen: argparse.Namespace) -> int:
    """Print every style, by group."""
    presets = list_presets()
    if chosen.json:
        rows = [{"name": preset.name, "title": preset.title, "group": preset.group} for preset in presets]
        sys.stdout.write(json.dumps(rows, indent=1) + "\n")
        return 0
    width = max((len(preset.name) for preset in presets), default=0)
    for preset in presets:
        sys.stdout.write(f"{preset.name:{width}}  {preset.title} ({preset.group})\n")
    return 0
