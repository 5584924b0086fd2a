"""`impasto forget`: deletes what the filter keeps of a person's pictures outside of them."""

import argparse
from typing import Any

from impasto_presets import cache_folder, forget_pictures


def add_parser(subparsers: Any) -> None:
    """Hang the command on the command line."""
    parser = subparsers.add_parser(
        "forget",
        help="delete the tries and thumbnails of your pictures",
        description="Delete the tries, thumbnails and settings that the filter keeps of your pictures outside of them.",
    )
    parser.set_defaults(run=run)


def run(_options: argparse.Namespace) -> int:
    """Delete them, and say how many files there were."""
    folder = cache_folder()
    print(f"{forget_pictures()} files were deleted in {folder}; your images, paintings and styles are as they were")  # noqa: T201
    return 0
