"""What holds for the package as a whole."""

import ast
import importlib
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from email.parser import Parser
from importlib import metadata
from pathlib import Path

import pytest

import clearface
from clearface.version import __version__

PROJECT = Path(__file__).parents[1]
SOURCE = PROJECT / "src" / "clearface"
FILES = sorted(SOURCE.rglob("*.py"))
HEAVY = {
    "PIL",
    "apiflask",
    "boto3",
    "cv2",
    "dlib",
    "flask",
    "jinja2",
    "mtcnn",
    "onnx",
    "onnxruntime",
    "pillow_heif",
    "redis",
    "rq",
    "scipy",
    "skimage",
    "tensorflow",
    "torch",
    "torchmetrics",
    "urllib3",
    "waitress",
}
TRAINING_PACKAGES = {"h5py", "lightning_fabric", "onnx", "safetensors", "tensorboard", "torch"}
TRAINING_ROOMS = {"degrade", "nets", "train"}
TORCH_OF_EVALUATION = {f"evaluate/metrics/{name}.py" for name in ("inception", "lpips", "torch_files")}
OTHER_EXTRAS = {"boto3", "botocore", "dlib", "mtcnn", "pillow_heif", "redis", "rq", "tensorflow", "torchmetrics"}
OF_OTHER_EXTRAS = {
    path.relative_to(SOURCE).as_posix()
    for path in [*SOURCE.glob("server/dispatchers/redis_*.py"), SOURCE / "server" / "stores" / "s3.py"]
    if path.name != "redis_opening.py"
}
EXECUTE_ON_LOAD = {"cloudpickle", "dill", "joblib", "marshal", "pickle", "shelve"}


def relative(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def module_name(path: Path) -> str:
    parts = ["clearface", *path.relative_to(SOURCE).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0]


def imported_packages(path: Path) -> Iterator[str]:
    """Packages imported anywhere in a file, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module.partition(".")[0]


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a program in a fresh interpreter that finds the same clearface."""
    environment = os.environ | {"PYTHONPATH": str(SOURCE.parent)}
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=True)


class TestWeight:
    def test_importing_clearface_brings_nothing_heavy(self) -> None:
        loaded = json.loads(run("import clearface, json, sys; print(json.dumps(list(sys.modules)))").stdout)
        assert "clearface" in loaded
        assert not {name.partition(".")[0] for name in loaded} & (HEAVY | {"numpy", "typer"})

    @pytest.mark.parametrize(
        "arguments",
        [
            ["--help"],
            ["restore", "--help"],
            ["degrade", "apply", "--help"],
            ["train", "smfd", "--help"],
            ["evaluate", "--help"],
            ["--version"],
        ],
    )
    def test_nor_does_asking_for_help(self, arguments: list[str]) -> None:
        program = (
            "import json, sys\n"
            "from clearface.cli import main\n"
            "try:\n"
            "    main()\n"
            "except SystemExit as end:\n"
            "    assert not end.code\n"
            "print(json.dumps(list(sys.modules)), file=sys.stderr)\n"
        )
        answer = run(program, *arguments)
        assert answer.stdout
        loaded = json.loads(answer.stderr)
        assert not {name.partition(".")[0] for name in loaded} & HEAVY

    def test_everything_but_training_imports_without_the_extras(self) -> None:
        modules = [
            module_name(path)
            for path in FILES
            if room(path) not in TRAINING_ROOMS
            and relative(path) not in TORCH_OF_EVALUATION
            and relative(path) not in OF_OTHER_EXTRAS
            and path.stem != "__main__"
        ]
        program = (
            "import importlib, sys\n"
            f"for package in {sorted(TRAINING_PACKAGES | OTHER_EXTRAS)}:\n"
            "    sys.modules[package] = None\n"  # as if it were not installed
            "for module in sys.argv[1:]:\n"
            "    importlib.import_module(module)\n"
            "print(len(sys.argv) - 1)\n"
        )
        assert int(run(program, *modules).stdout) == len(modules)

    def test_without_the_packages_of_training_its_commands_name_the_extra(self) -> None:
        commands = [
            ["degrade", "count"],
            ["train", "smfd", "set", "--output", "run"],
            ["train", "export", "run", "-o", "x"],
        ]
        program = (
            "import sys\n"
            "from clearface.cli import main\n"
            f"for package in {sorted(TRAINING_PACKAGES)}:\n"
            "    sys.modules[package] = None\n"
            f"for command in {commands}:\n"
            "    sys.argv[1:] = command\n"
            "    try:\n"
            "        main()\n"
            "    except SystemExit as end:\n"
            "        print(end.code)\n"
        )
        answer = run(program)
        assert answer.stdout.split() == ["1"] * 3
        for line in answer.stderr.splitlines():
            assert line.endswith("is missing: install it with `pip install 'clearface[train]'`")
        assert len(answer.stderr.splitlines()) == 3


class TestSource:
    @pytest.mark.parametrize("path", FILES, ids=relative)
    def test_every_module_imports(self, path: Path) -> None:
        if path.stem != "__main__":
            assert importlib.import_module(module_name(path)).__doc__ or not path.stat().st_size

    @pytest.mark.parametrize(
        "path", [path for path in FILES if room(path) not in TRAINING_ROOMS | {"evaluate"}], ids=relative
    )
    def test_the_runtime_does_without_the_training_packages(self, path: Path) -> None:
        assert not set(imported_packages(path)) & TRAINING_PACKAGES

    @pytest.mark.parametrize("path", FILES, ids=relative)
    def test_nothing_executes_on_load(self, path: Path) -> None:
        assert not set(imported_packages(path)) & EXECUTE_ON_LOAD
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "torch.load":
                assert "weights_only=True" in ast.unparse(node)
            if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
                assert isinstance(node.value, ast.Constant)
                assert node.value.value is False
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in {"eval", "exec"}


class TestRelease:
    def test_one_version_everywhere(self) -> None:
        assert clearface.__version__ == __version__ == metadata.version("clearface")
        changes = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
        assert f"## {__version__}" in changes

    def test_every_requirement_is_pinned_in_the_constraints(self) -> None:
        pinned = {
            normalized(line.partition("==")[0])
            for line in (PROJECT / "constraints.txt").read_text(encoding="utf-8").splitlines()
            if "==" in line and not line.startswith("#")
        }
        wanted = set()
        for requirement in metadata.requires("clearface") or []:
            name = requirement.partition(";")[0].partition("[")[0].partition(">")[0].partition("=")[0]
            if "sys_platform !=" not in requirement:
                wanted.add(normalized(name))
        assert wanted - {"clearface"} - pinned == set()

    def test_constraints_hold_versions_and_nothing_of_a_machine(self) -> None:
        for line in (PROJECT / "constraints.txt").read_text(encoding="utf-8").splitlines():
            assert line.startswith("#") or line.count("==") == 1
            assert not set(line) & set("@/+") or line.startswith("#")

    def test_the_wheel_is_complete(self, tmp_path: Path) -> None:
        """Networks, their descriptions, the sample and the type marker ship; tests do not."""
        build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
        subprocess.run(build, cwd=PROJECT, check=True, capture_output=True)
        (wheel,) = tmp_path.glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            packed = set(archive.namelist())
            (described,) = (name for name in packed if name.endswith(".dist-info/METADATA"))
            description = Parser().parsestr(archive.read(described).decode())
        beside_the_code = {
            path.relative_to(SOURCE.parent).as_posix()
            for path in SOURCE.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        assert any(name.endswith(".onnx") for name in beside_the_code)
        assert packed >= beside_the_code
        assert {name.partition("/")[0] for name in packed} == {"clearface", f"clearface-{__version__}.dist-info"}
        assert description["License-Expression"] == "Apache-2.0"
        assert not [
            need for need in description.get_all("Requires-Dist", []) if "torch" in need and "extra" not in need
        ]


def normalized(name: str) -> str:
    return name.strip().lower().replace("_", "-")
