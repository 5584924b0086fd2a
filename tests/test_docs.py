"""The pages of docs/: the program really says what they quote, every setting is there, and links lead somewhere."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from runpy import run_path

import pytest

from impasto_wire.errors import ImpastoError, JobCancelled
from impasto_wire.settings import ranges

FOLDERS = ("engine/impasto", "gimp_plugin/impasto-filter", "install")
PAGES = ("docs", "gimp_plugin", "tests")
LINK = re.compile(r"\]\(([^)#:]*)(?:#([^)]*))?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
ROW = re.compile(r'^\| "(.+)" \|', re.MULTILINE)


def texts_in(tree: ast.Module) -> Iterator[str]:
    """Every string of a module, with `…` for what is put into it unless that is a constant of the same module."""
    constants = {}
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(text))):
                constants[name] = text
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)):
                yield text
            case ast.JoinedStr(values=parts):
                yield "".join(_part(part, constants) for part in parts)


def _part(part: ast.expr, constants: dict[str, str]) -> str:
    match part:
        case ast.Constant(value=str(text)):
            return text
        case ast.FormattedValue(value=ast.Name(id=name)):
            return constants.get(name, "…")
    return "…"


def trees(checkout: Path) -> Iterator[ast.Module]:
    for folder in FOLDERS:
        for path in sorted((checkout / folder).rglob("*.py")):
            yield ast.parse(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def quoted(checkout: Path) -> list[str]:
    """The sentences that the page quotes."""
    sentences = ROW.findall((checkout / "docs/troubleshooting.md").read_text(encoding="utf-8"))
    assert len(sentences) > 40
    return sentences


def pattern_of(sentence: str) -> str:
    """What finds a sentence whose `…` stands for anything."""
    return ".*".join(re.escape(part) for part in sentence.split("…"))


def test_every_sentence_of_the_page_is_the_programs(checkout: Path, quoted: list[str]) -> None:
    texts = "\n".join(text for tree in trees(checkout) for text in texts_in(tree))
    assert not [sentence for sentence in quoted if not re.search(pattern_of(sentence), texts)]


def test_every_error_with_a_fixed_sentence_is_on_the_page(checkout: Path, quoted: list[str]) -> None:
    fixed: dict[str, set[str]] = {}
    for tree in trees(checkout):
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str(text)), *_]):
                    fixed.setdefault(name, set()).add(text)
                case ast.Call(
                    func=ast.Name(id=name), args=[ast.Call(func=ast.Name(id="_"), args=[ast.Constant(str(text))])]
                ):
                    fixed.setdefault(name, set()).add(text)
    for kind in kinds_of(ImpastoError):
        known = fixed.get(kind.__name__, set())
        if known and kind is not JobCancelled:  # which is no fault
            assert any(sentence in known for sentence in quoted), f"no sentence of {kind.__name__}: {sorted(known)}"


def test_every_setting_has_its_place_and_its_pictures(checkout: Path) -> None:
    page = (checkout / "docs/settings.md").read_text(encoding="utf-8")
    for name, allowed in ranges().items():
        assert f"\n## {allowed.label}\n" in page
        assert f"(pictures/settings/{name}.jpg)" in page
        assert (checkout / f"docs/pictures/settings/{name}.jpg").exists(), f"run: python docs/make_pictures.py {name}"


def test_the_tables_of_settings_are_todays(checkout: Path) -> None:
    pages = run_path(str(checkout / "docs/settings_pages.py"))
    for page in pages["PAGES"]:
        text = page.read_text(encoding="utf-8")
        assert text == pages["with_table"](text), f"{page.name}: run: python docs/settings_pages.py"


def test_links_lead_somewhere(checkout: Path) -> None:
    pages = [checkout / "README.md", *(path for part in PAGES for path in (checkout / part).rglob("*.md"))]
    links = [(page, *link) for page in pages for link in LINK.findall(page.read_text(encoding="utf-8"))]
    assert len(links) > 50
    assert not [f"{page.name}: {path}#{place}" for page, path, place in links if not leads_somewhere(page, path, place)]


def leads_somewhere(page: Path, path: str, place: str) -> bool:
    """Is there such a file, and in it the heading that the link names?"""
    target = page.parent / path if path else page
    return target.exists() and (not place or place in anchors(target))


def anchors(page: Path) -> set[str]:
    """What a forge calls the headings of a page."""
    headings = HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_readme_is_short(checkout: Path) -> None:
    assert len((checkout / "README.md").read_text(encoding="utf-8").split()) <= 900


def kinds_of(root: type[Exception]) -> set[type[Exception]]:
    """An error and all kinds of it."""
    return {root}.union(*(kinds_of(kind) for kind in root.__subclasses__()))
