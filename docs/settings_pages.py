"""Writes the settings table into the pages that show it, from `impasto_wire.settings`.

python docs/settings_pages.py
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILTER = ROOT / "gimp_plugin" / "impasto-filter"
PAGES = (ROOT / "docs" / "settings.md", FILTER / "impasto_wire" / "PROTOCOL.md")
BEGIN, END = "<!-- settings: python docs/settings_pages.py -->\n", "<!-- end of settings -->\n"
HEAD = """\
| name | in the dialog | values | default | may a style suggest it? | what it does |
|---|---|---|---|---|---|
"""


def table() -> str:
    """The settings, one a line, in Markdown."""
    sys.path.insert(0, str(FILTER))
    from impasto_wire.settings import Range, default_of, ranges

    def values(allowed: Range) -> str:
        if allowed.choices:
            return ", ".join(f"`{choice}`" for choice in allowed.choices)
        return f"{allowed.minimum:.10g}..{allowed.maximum:.10g}" + (" (shown in percent)" if allowed.percent else "")

    def row(name: str, allowed: Range) -> str:
        default = f"`{default_of(name)}`" if allowed.choices else f"{default_of(name):g}"
        by_style = "yes" if allowed.by_style else "no"
        return f"| `{name}` | {allowed.label} | {values(allowed)} | {default} | {by_style} | {allowed.help} |\n"

    return HEAD + "".join(row(name, allowed) for name, allowed in ranges().items())


def with_table(page: str) -> str:
    """The page with today's table between its two marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + table() + END + after


def main() -> None:
    """Write every page anew."""
    for page in PAGES:
        page.write_text(with_table(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
