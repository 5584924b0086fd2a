"""The filter's texts: every one that a person sees is marked, and every catalogue has a translation of each."""

import ast
import gettext
import importlib.util
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from unicodedata import east_asian_width

import pytest

import fakes.gimp_modules  # noqa: F401  before the plug-in's modules
from impasto_plugin.arguments import WITH_KEYS
from impasto_plugin.commands import CALL

LANGUAGES = ("de", "es", "fr", "it", "ja", "ko", "pl", "pt_BR", "ru", "zh_CN")
PLACEHOLDER = re.compile(r"\{[^}]*\}")
MNEMONIC = re.compile(r"\(_\w\)|_")
TAG = re.compile(r"<[^<>]*>")
WORDS = re.compile(r"[A-Za-z]{2,} +[A-Za-z“{(]|^[A-Z][a-z]+$|^_[A-Z]")
"""A sentence, or a word with a capital: what a person might read."""
TOGETHER = (
    "_Your picture…",
    "_From a layer…",
    "Save as S_tyle…",
    "_Paint",
    "_Cancel",
    "Forget My Pict_ures…",
    "Remo_ve the Engine…",
    "Repl_ace it",
)
TOGETHER += ("A_dd another", "On Ca_nvas", "_Brush", "M_ore", "Detai_l map", "Add a Reg_ion")
TOGETHER += ("Start A_gain", "Find Out and _Mend", "Op_en the Log", "Bring Bac_k", "_Where: on this computer")
"""Labels that may stand in the dialog at the same time: on a painting, after a deletion, when the engine is ill."""
OF_SET_UP = (
    ("Copy _Report", "Paint _with", "_Cancel", "_Set Up"),
    ("Copy _Report", "Paint _with", "_Not Now", "_Update"),
    ("_Cancel", "_Remove"),
)
"""Labels that stand together on the page that sets the engine up: the first time, for a newer one, at its removal."""
SELDOM = ("Repl_ace it", "A_dd another", "Op_en the Log", "Bring Bac_k", "Remo_ve the Engine…")
"""Those whose letter a row may have, too: a painting, a fault, a deleted try or an engine from here is seldom there."""
ELSEWHERE = ("Try A_gain", "Paint on This Co_mputer")
"""What stands in the place of these, and has their letters, when it is another computer that doesn't answer."""
HERE = ("Start A_gain", "Find Out and _Mend")
NOT_SHOWN = {
    "Outcome",  # a type
    "Snap",
    "Flatpak",
    "The Impasto authors",
    "MIT licence",
    "the painting was cancelled",  # says that nothing is to be said
    "the dialog was cancelled",
    "Y'aA u8",  # a format of babl's
    CALL,  # Scheme
    "<Image>/Filters/Artistic",
    "<Image>/Filters/Animation",
}


@pytest.fixture(scope="module")
def catalogues(checkout: Path) -> ModuleType:
    """The script that compiles the catalogues."""
    spec = importlib.util.spec_from_file_location("catalogues", checkout / "docs" / "catalogues.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_has_a_translation(catalogues: ModuleType, language: str) -> None:
    (path,) = [path for path in catalogues.catalogues() if path.parent.parent.name == language]
    messages = catalogues.read_catalogue(path)
    assert not [text for text in catalogues.texts() if not messages.get(text)], "run: python docs/catalogues.py --add"
    for text, said in messages.items():
        assert not text or sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(said)), said
        if text:
            assert len(re.findall("_[a-zäöüа-яё]", said, re.IGNORECASE)) == said.count("_") == text.count("_"), said
            assert ("(_" in said) == ("_" in text and language in {"ja", "ko", "zh_CN"}), f"how mnemonics stand: {said}"


def test_every_language_of_the_filter_is_tested(catalogues: ModuleType, checkout: Path) -> None:
    """A folder that lacks its catalogue or its page of help would leave that language in part English."""
    folder = checkout / "gimp_plugin" / "impasto-filter"
    assert tuple(path.parent.parent.name for path in catalogues.catalogues()) == LANGUAGES
    assert sorted(path.parent.name for path in (folder / "help").glob("*/index.html")) == sorted([*LANGUAGES, "en"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_button_is_much_wider_than_the_english_one(catalogues: ModuleType, language: str) -> None:
    """Nor is any other short label. It counts letters: whether the dialog fits on a screen is not seen here."""
    (path,) = [path for path in catalogues.catalogues() if path.parent.parent.name == language]
    for text, said in catalogues.read_catalogue(path).items():
        if "_" in text or len(text) <= 24:
            assert columns(said) <= 2.2 * columns(text) + 8 or not text, said


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_no_two_labels_of_the_dialog_share_a_letter(catalogues: ModuleType, language: str) -> None:
    messages = {text: text for text in TOGETHER}
    for path in catalogues.catalogues():
        if path.parent.parent.name == language:
            messages = catalogues.read_catalogue(path)
    letters = [messages[text][messages[text].index("_") + 1].lower() for text in TOGETHER]
    assert len(set(letters)) == len(letters), sorted(letters)
    same = {**dict(zip(ELSEWHERE, HERE, strict=True)), "_Where: on {computer}": "_Where: on this computer"}
    for label, other in same.items():
        said = messages.get(label, label)
        assert said[said.index("_") + 1].lower() == letters[TOGETHER.index(other)], said
    # A row takes the letter of a button that is always there only where it has no other.
    taken = {letter for label, letter in zip(TOGETHER, letters, strict=True) if label not in SELDOM} | {*"hrs"}
    for label in rows_in(language):
        if "_" in label and label[label.index("_") + 1].lower() in taken:
            assert not {letter for letter in label.lower() if letter in WITH_KEYS} - taken, label


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
@pytest.mark.parametrize("together", OF_SET_UP)
def test_no_two_labels_of_the_set_up_share_a_letter(
    catalogues: ModuleType, language: str, together: tuple[str, ...]
) -> None:
    messages = {text: text for text in together}
    for path in catalogues.catalogues():
        if path.parent.parent.name == language:
            messages = catalogues.read_catalogue(path)
    letters = [messages[text][messages[text].index("_") + 1].lower() for text in together]
    assert len(set(letters)) == len(letters), letters


def rows_in(language: str) -> list[str]:
    """The labels of the rows that GIMP makes, in a language: a process reads its catalogue once."""
    code = "import fakes.gimp_modules; from impasto_plugin.arguments import row_labels; print(*row_labels().values(), "
    code += "sep='|')"
    environment = {**os.environ, "LANGUAGE": language, "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"}
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8", check=True)
    return done.stdout.strip().split("|")


def columns(label: str) -> int:
    """How wide a label is, in Latin letters: those of Chinese, Japanese and Korean count as two."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in MNEMONIC.sub("", label))


def test_the_compiled_catalogues_are_todays(catalogues: ModuleType) -> None:
    for path in catalogues.catalogues():
        messages = catalogues.read_catalogue(path)
        compiled = path.with_suffix(".mo").read_bytes()
        assert compiled == catalogues.compiled(messages), "run: python docs/catalogues.py"
        read = gettext.GNUTranslations(io.BytesIO(compiled))
        assert all(read.gettext(text) == said for text, said in messages.items() if text)


def unmarked(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Texts that look like words for a person, outside of `_()`, `N_()` and docstrings."""
    marked = set()
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="_" | "N_")):
                marked.update(map(id, ast.walk(node)))
            case ast.Expr(value=ast.Constant()):
                marked.add(id(node.value))
            case ast.Call(func=ast.Attribute(attr="require_version")) | ast.Assert():
                marked.update(map(id, ast.walk(node)))
            case ast.Assign(targets=[ast.Name(id="__all__")]) | ast.AnnAssign(annotation=ast.Constant()):
                marked.update(map(id, ast.walk(node)))
            case ast.FunctionDef():
                annotations = [argument.annotation for argument in (*node.args.args, *node.args.kwonlyargs)]
                for annotation in filter(None, [*annotations, node.returns]):
                    marked.update(map(id, ast.walk(annotation)))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in marked:
            text = node.value
            if WORDS.search(TAG.sub("", text)) and text not in NOT_SHOWN:
                yield node.lineno, text


def test_no_text_that_a_person_sees_escapes(checkout: Path) -> None:
    folder = checkout / "gimp_plugin" / "impasto-filter"
    found = [
        f"{path.name}:{line}: {text}"
        for path in [folder / "impasto-filter.py", *sorted((folder / "impasto_plugin").rglob("*.py"))]
        for line, text in unmarked(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_a_page_of_help_with_the_dialog_s_own_words(
    catalogues: ModuleType, checkout: Path, language: str
) -> None:
    pages = checkout / "gimp_plugin" / "impasto-filter" / "help"
    english, page = ((pages / name / "index.html").read_text(encoding="utf-8") for name in ("en", language))
    parts = [re.findall(r"<(?:h2[^>]*|p|dt|/dl|code)>", text) for text in (english, page)]
    assert parts[0] == parts[1]
    (path,) = [path for path in catalogues.catalogues() if path.parent.parent.name == language]
    messages = {plain(text): plain(said) for text, said in catalogues.read_catalogue(path).items()}
    names = [re.findall("<b>(.*?)</b>", text) for text in (english, page)]
    assert [messages[name] for name in names[0]] == [name.replace("’", "'") for name in names[1]]
    assert_ids(pages / "en" / "gimp-help.xml", pages / language / "gimp-help.xml")


def plain(text: str) -> str:
    """A label's words, without its mnemonic."""
    return MNEMONIC.sub("", text).replace("’", "'")


def assert_ids(*files: Path) -> None:
    """They are of the same help, at the same places."""
    found = [re.findall(r'(?:id|ref)="([^"]*)"', file.read_text(encoding="utf-8")) for file in files]
    assert found[0] == found[1]
