"""Who may import whom, and what may not stand in a tracked file."""

import ast
import graphlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

FILTER = "gimp_plugin/impasto-filter"
OF_GIMP = {"gi", "zmq"}  # what a GIMP's Python may bring beside its standard library
LAYERS = (
    "libraries request levels int8 devices limited folders locks installed",
    "backbones losses",
    "transfer",
    "pictures impasto_artworks painting impasto",
    "batch cluster service",
    "doctor commands cli __main__",
)
"""The engine's packages from the bottom to the top: each imports only those that stand before it."""

IMPORT_ALONE = """
import importlib, json, pathlib, sys
sys.path.insert(0, sys.argv[1])
for package in sys.argv[2:]:
    for path in sorted(pathlib.Path(sys.argv[1], package).rglob("*.py")):
        parts = path.relative_to(sys.argv[1]).with_suffix("").parts
        importlib.import_module(".".join(part for part in parts if part != "__init__"))
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def run_python(*arguments: str) -> str:
    """What a fresh Python printed; the test fails with its last words if it did not end well."""
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def imported_packages(source: Path) -> Iterator[str]:
    """Top-level names of every import in a file, wherever it stands."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            assert node.module
            yield node.module.partition(".")[0]


def engine_imports(checkout: Path) -> dict[str, set[str]]:
    """Every module of the engine with those that it imports, wherever the imports stand: for types alone, too."""
    engine = checkout / "engine"
    modules = {}
    for source in python_files(checkout, "engine"):
        parts = source.relative_to(engine).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        modules[".".join(parts[:-1] if is_package else parts)] = (source, parts[:-1])
    return {
        module: {name for name in imported_names(source, package) if name in modules} - {module}
        for module, (source, package) in modules.items()
    }


def imported_names(source: Path, package: tuple[str, ...]) -> Iterator[str]:
    """Full names of what a file of a package imports: of modules, and of whatever is imported from them."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            origin = ".".join((*above, node.module) if node.module else above)
            yield origin
            yield from (f"{origin}.{name.name}" for name in node.names)


def layer_of(module: str) -> int:
    """The place in `LAYERS` of the engine's package, or single file, that a module belongs to."""
    root, _, rest = module.partition(".")
    return " ".join(LAYERS).split().index(rest.partition(".")[0] or root if root == "impasto" else root)


def python_files(checkout: Path, *folders: str) -> list[Path]:
    files = [path for folder in folders for path in sorted((checkout / folder).rglob("*.py"))]
    assert files, f"no Python files in {folders}: the test would pass by looking at nothing"
    return files


def tracked_files(checkout: Path) -> list[Path]:
    """What git tracks; skips where the checkout is no git repository (a release's archive)."""
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=checkout, capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode:
        pytest.skip("not a git checkout")
    return [checkout / name for name in done.stdout.split("\0") if name]


@pytest.mark.parametrize(
    ("package", "needed"),
    [("impasto_wire", set()), ("impasto_presets", {"impasto_wire"}), ("impasto_setup", {"impasto_wire"})],
    ids=["wire", "presets", "setup"],
)
def test_the_contract_needs_only_the_standard_library(checkout: Path, package: str, needed: set[str]) -> None:
    names = json.loads(run_python("-I", "-S", "-c", IMPORT_ALONE, str(checkout / FILTER), package))
    foreign = set(names) - sys.stdlib_module_names - {package, "__main__", *needed}
    assert package in names
    assert not foreign


def test_the_filter_imports_nothing_but_gimp_and_the_standard_library(checkout: Path) -> None:
    own = {"impasto_plugin", "impasto_wire", "impasto_presets", "impasto_setup"}
    for source in python_files(checkout, FILTER):
        foreign = set(imported_packages(source)) - sys.stdlib_module_names - own - OF_GIMP
        assert not foreign, f"{source.relative_to(checkout)} imports {sorted(foreign)}"


def defined_names(source: Path) -> Iterator[str]:
    """The functions, classes and values that a file defines at its top level."""
    for node in ast.parse(source.read_text(encoding="utf-8")).body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case ast.Assign(targets=targets):
                yield from (part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name))


ONE_ROLE = {
    "main": "what a program runs",
    "add_parser": "hangs a command on the command line",
    "run": "runs a command",
    "run_list": "runs the command `list` of several",
    "open_painter": "what `--painter` names",
    "PaintRequest": "the wire's, with arrays for pictures",
    "WeightedStyle": "the wire's, with arrays for pictures",
    "FrameBefore": "the wire's, with arrays for pictures",
    "Region": "the wire's, with arrays for pictures",
    "paint": "paints: a request, an artwork, the first light; each in a program of its own",
}
"""Names that stand in several files of the engine because they are the same thing there."""


def test_no_name_of_the_engine_stands_for_two_things(checkout: Path) -> None:
    """Public classes and functions, and aliases of types, of all that an engine's process may import."""
    found: dict[str, list[str]] = {}
    packages = (f"{FILTER}/impasto_wire", f"{FILTER}/impasto_presets", "engine/impasto", "engine/impasto_artworks")
    for source in python_files(checkout, *packages):
        for name in set(defined_names(source)) - set(ONE_ROLE):
            if name[0] != "_" and not name.isupper() and name != "log":
                found.setdefault(name, []).append(str(source.relative_to(checkout)))
    assert not {name: files for name, files in found.items() if len(files) > 1}


def test_no_name_of_the_filter_stands_for_two_things(checkout: Path) -> None:
    of_every_file = {"log", "__all__"}
    found: dict[str, list[str]] = {}
    for source in python_files(checkout, FILTER):
        for name in set(defined_names(source)) - of_every_file:
            found.setdefault(name, []).append(source.name)
    assert not {name: files for name, files in found.items() if len(files) > 1}


def test_every_name_that_the_filter_imports_of_its_own_is_there(checkout: Path) -> None:
    """Nothing here can import it: it needs `gi`."""
    folder = checkout / FILTER
    for source in python_files(checkout, FILTER):
        package = source.relative_to(folder).with_suffix("").parts[:-1]
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ImportFrom):
                continue
            parts = (*package[: len(package) + 1 - node.level], *(node.module or "").split(".")) if node.level else ()
            place = folder.joinpath(*filter(None, parts or (node.module or "").split(".")))
            file = place.with_suffix(".py") if place.with_suffix(".py").is_file() else place / "__init__.py"
            if not file.is_file():
                continue  # not the filter's own
            there = {*defined_names(file), *brought_names(file), *(path.stem for path in place.glob("*.py"))}
            missing = {name.name for name in node.names} - there
            assert not missing, f"{source.relative_to(folder)} imports {missing} of {file.relative_to(folder)}"


def brought_names(source: Path) -> Iterator[str]:
    """The names that a file's imports bring in."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from (name.asname or name.name for name in node.names)


def test_the_installer_imports_only_the_standard_library(checkout: Path) -> None:
    in_the_engine = {"first_light.py": {"PIL", "impasto_plugin", "impasto_presets", "impasto_wire"}}
    for source in python_files(checkout, "install"):
        allowed = (
            sys.stdlib_module_names
            | {"impasto_install", "impasto_setup", "impasto_wire"}
            | in_the_engine.get(source.name, set())
        )
        foreign = set(imported_packages(source)) - allowed
        assert not foreign, f"{source.relative_to(checkout)} imports {sorted(foreign)}"


def test_the_engine_never_imports_the_filter(checkout: Path) -> None:
    for source in python_files(checkout, "engine/impasto"):
        assert "impasto_plugin" not in set(imported_packages(source)), source.relative_to(checkout)


def test_no_modules_of_the_engine_import_each_other_in_a_circle(checkout: Path) -> None:
    imports = engine_imports(checkout)
    for module, imported in imports.items():  # `from . import x` names the package, but needs x alone
        imported -= {name for name in imported if module.startswith(f"{name}.")}
    graphlib.TopologicalSorter(imports).prepare()  # raises CycleError, which shows the circle


def test_each_package_of_the_engine_imports_only_those_below_it(checkout: Path) -> None:
    upward = [
        f"{module} imports {name}"
        for module, imported in engine_imports(checkout).items()
        for name in imported
        if layer_of(name) > layer_of(module)
    ]
    assert not upward


def test_the_engine_folder_is_no_package(checkout: Path) -> None:
    assert not (checkout / "engine" / "__init__.py").exists(), "it would make `engine.impasto` a twin of `impasto`"


@pytest.mark.parametrize("package", ["torch", "numpy", "ray"])
def test_the_broker_starts_without_what_paints(package: str) -> None:
    """On a cluster too: it asks only whether Ray is there."""
    begin = "import argparse, sys; from impasto.service import broker, serve; parser = argparse.ArgumentParser()"
    chosen = "serve.add_arguments(parser); serve._painter_and_device(parser.parse_args(['--ray', 'studio:6379']))"
    run_python("-c", f"{begin}; {chosen}; assert {package!r} not in sys.modules, 'the broker imports {package}'")


SHIPPED = ("engine", "install", FILTER, "docs")
IMAGE_MODULES = {"Image", "Pillow", "PIL.Image", "ImageFile"}
DECODERS = {
    # Each call that decodes whatever it is given, by its last name, and the files that may make it: they look first.
    "file_load": {"image/styles.py"},
    "new_from_file": {"dialog/tiles.py", "dialog/own_menu.py", "dialog/thumbnails.py", "pictures/vips.py"},
    "new_from_file_at_size": {"dialog/thumbnails.py", "dialog/own_style.py"},
    "new_from_file_at_scale": set(),
    "new_from_stream": set(),
    "new_from_buffer": set(),
    "new_from_source": set(),
    "thumbnail_buffer": set(),
    "PixbufLoader": set(),
    "imread": set(),
    "imdecode": set(),
}
RUN_CODE = {"eval", "exec", "system", "popen", "Unpickler"}


def calls_in(source: Path) -> Iterator[tuple[str, str, dict[str, ast.expr]]]:
    """Every call in a file: what stands before the last dot, the last name, and the named arguments."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            before, _, last = ast.unparse(node.func).rpartition(".")
            yield before, last, {word.arg: word.value for word in node.keywords if word.arg}


def is_constant(value: ast.expr | None, constant: object) -> bool:
    return isinstance(value, ast.Constant) and value.value is constant


def unguarded(source: Path) -> Iterator[str]:
    """Calls of a file that would let the bytes of a file choose what is done with them."""
    for before, last, given in calls_in(source):
        call = f"{before}.{last}"
        if last == "open" and (before in IMAGE_MODULES or before.endswith(".Image")) and "formats" not in given:
            yield f"{call} without formats"
        if last in DECODERS and not any(source.as_posix().endswith(name) for name in DECODERS[last]):
            yield f"{call}, which takes every format"
        if call == "torch.load" and not is_constant(given.get("weights_only"), True):
            yield f"{call} without weights_only=True"
        if call in ("np.load", "numpy.load") and not is_constant(given.get("allow_pickle"), False):
            yield f"{call} without allow_pickle=False"
        if before in ("pickle", "marshal", "shelve") or (last in RUN_CODE and before in ("", "os", "pickle")):
            yield f"{call}, which runs what it reads"
        if "shell" in given and not is_constant(given["shell"], False):
            yield f"{call} with a shell"


def test_no_file_chooses_what_is_done_with_it(checkout: Path) -> None:
    """Pillow hands a file that begins like PostScript to Ghostscript, whatever its name; others run what they read."""
    found = [
        f"{source.relative_to(checkout)}: {fault}"
        for source in python_files(checkout, *SHIPPED)
        for fault in unguarded(source)
    ]
    assert not found


@pytest.mark.parametrize(
    "line",
    [
        "Image.open(path)", "PIL.Image.open(path)", "Pillow.open(data)", "cv2.imread(path)",
        "pyvips.Image.new_from_buffer(data, '')",
        "Gimp.file_load(mode, file)", "GdkPixbuf.Pixbuf.new_from_file(path)", "torch.load(path)", "np.load(path)",
        "torch.load(path, weights_only=False)", "np.load(path, allow_pickle=True)", "pickle.loads(data)", "eval(text)",
        "os.system(line)", "subprocess.run(line, shell=True)",
    ],
)  # fmt: skip
def test_what_is_forbidden_is_found(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.py").write_text(line)
    assert len([*unguarded(tmp_path / "a.py")]) == 1


STARTS_A_PROGRAM = {"run", "Popen", "call", "check_call", "check_output"}


def in_a_window(source: Path) -> Iterator[str]:
    """Calls of a file that start a program of which Windows would show a console."""
    for before, last, given in calls_in(source):
        if before == "subprocess" and last in STARTS_A_PROGRAM and "creationflags" not in given:
            yield f"subprocess.{last} without creationflags"


def test_no_program_opens_a_window_of_its_own(checkout: Path) -> None:
    found = [
        f"{source.relative_to(checkout)}: {fault}"
        for source in python_files(checkout, "engine", "install", FILTER)
        for fault in in_a_window(source)
    ]
    assert not found


@pytest.mark.parametrize("last", sorted(STARTS_A_PROGRAM))
def test_a_program_that_opens_a_window_is_found(tmp_path: Path, last: str) -> None:
    (tmp_path / "a.py").write_text(f"subprocess.{last}([program], check=True)")
    assert len([*in_a_window(tmp_path / "a.py")]) == 1


def test_libvips_has_no_loader_but_those_that_are_promised(tmp_path: Path) -> None:
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16"/>'
    files = {"csv": "1,2\n3,4\n", "matrix": "2 2\n1 2\n3 4\n", "ppm": "P3\n1 1\n255\n1 2 3\n", "svg": drawing}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    ask = """
import sys
import pyvips
if sys.argv[2] == "with impasto":
    from impasto.pictures import vips
for name in sys.argv[3:]:
    try:
        getattr(pyvips.Image, name + "load")(sys.argv[1] + "/" + name).avg()
        print(name)
    except (pyvips.Error, AttributeError):
        pass
"""
    assert run_python("-c", ask, str(tmp_path), "without", *files).split(), "nothing is blocked here"
    assert not run_python("-c", ask, str(tmp_path), "with impasto", *files).split()


def test_tracked_files_name_no_place_of_one_machine(checkout: Path) -> None:
    places = [str(checkout.parent) + "/", str(Path.home()) + "/"]
    found = [
        f"{path.relative_to(checkout)} names {place}"
        for path in tracked_files(checkout)
        for place in places
        if path.is_file() and place.encode() in path.read_bytes()
    ]
    assert not found
