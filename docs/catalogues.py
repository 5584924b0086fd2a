"""The filter's translations: names the texts that lack one, and compiles the files that GIMP and the filter read.

python docs/catalogues.py          compile every locale/LANGUAGE/LC_MESSAGES/impasto-filter.po; list what is missing
python docs/catalogues.py --add    also add the missing texts to each catalogue, to be translated there
"""

import argparse
import ast
import json
import re
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

FILTER = Path(__file__).resolve().parent.parent / "gimp_plugin" / "impasto-filter"
ENTRY = re.compile(r'^msgid ((?:".*"\n)+)msgstr ((?:".*"\n?)+)', re.MULTILINE)


def texts() -> list[str]:
    """Every text of the filter that is translated, each once: marked ones, settings, styles."""
    found = [*_marked(), *_of_settings(), *_of_styles()]
    return list(dict.fromkeys(text for text in found if text))


def _marked() -> Iterator[str]:
    packages = [path for name in ("impasto_plugin", "impasto_setup") for path in sorted((FILTER / name).rglob("*.py"))]
    for path in [FILTER / "impasto-filter.py", *packages]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="_" | "N_"), args=[ast.Constant(value=str(text))]):
                    yield text


def _of_settings() -> Iterator[str]:
    sys.path.insert(0, str(FILTER))
    from impasto_wire.settings import ranges

    for allowed in ranges().values():
        yield from (allowed.label, allowed.help, *allowed.choices.values())


def _of_styles() -> Iterator[str]:
    for path in sorted((FILTER / "impasto_presets" / "styles").glob("*.json")):
        style = json.loads(path.read_text(encoding="utf-8"))
        yield from (style.get(part, "") for part in ("title", "group", "description"))


def catalogues() -> list[Path]:
    """The catalogues, one a language."""
    return sorted((FILTER / "locale").glob("*/LC_MESSAGES/impasto-filter.po"))


def read_catalogue(path: Path) -> dict[str, str]:
    """A catalogue's translations by their texts; the header's is that of the empty text."""
    return {_joined(text): _joined(said) for text, said in ENTRY.findall(path.read_text(encoding="utf-8"))}


def _joined(lines: str) -> str:
    return "".join(ast.literal_eval(line) for line in lines.splitlines())


def compiled(messages: dict[str, str]) -> bytes:
    """The translations as gettext reads them: a table of sorted texts, one of their translations, then all of them."""
    pairs = sorted((text.encode(), said.encode()) for text, said in messages.items() if said)
    start = 28 + 16 * len(pairs)
    tables, data = [b"", b""], b""
    for column in (0, 1):
        for pair in pairs:
            tables[column] += struct.pack("<2I", len(pair[column]), start + len(data))
            data += pair[column] + b"\0"
    header = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    return header + tables[0] + tables[1] + data


def add_missing(path: Path, missing: list[str]) -> None:
    """Add texts to a catalogue, not yet translated."""
    entries = "".join(f'\nmsgid {json.dumps(text, ensure_ascii=False)}\nmsgstr ""\n' for text in missing)
    path.write_text(path.read_text(encoding="utf-8") + entries, encoding="utf-8")


def main() -> int:
    """Compile the catalogues and tell what is missing; 1 if something is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--add", action="store_true", help="add what is missing to each catalogue")
    is_adding, is_missing = parser.parse_args().add, False
    for path in catalogues():
        messages = read_catalogue(path)
        missing = [text for text in texts() if not messages.get(text)]
        for text in missing:
            sys.stdout.write(f"{path.parent.parent.name}: {text}\n")
        if is_adding:
            add_missing(path, [text for text in missing if text not in messages])
        path.with_suffix(".mo").write_bytes(compiled(messages))
        is_missing = is_missing or bool(missing)
    return int(is_missing)


if __name__ == "__main__":
    sys.exit(main())
