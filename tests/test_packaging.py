"""What is in the wheel and in the source archive, and that an install from the wheel finds its lessons."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import lyaplab

ROOT = Path(lyaplab.__file__).resolve().parents[1]

pytestmark = pytest.mark.skipif(
    not (ROOT / "pyproject.toml").is_file(), reason="lyaplab is not installed from its repository"
)


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """The source archive, and the wheel that is built from it (not from the work tree)."""
    folder = tmp_path_factory.mktemp("dist")
    hatchling = [sys.executable, "-m", "hatchling", "build"]
    subprocess.run([*hatchling, "-t", "sdist", "-d", str(folder)], cwd=ROOT, check=True, capture_output=True)
    (sdist,) = folder.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    source = folder / sdist.name.removesuffix(".tar.gz")
    subprocess.run([*hatchling, "-t", "wheel", "-d", str(folder)], cwd=source, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return sdist, wheel


@pytest.fixture(scope="module")
def names(archives):
    with zipfile.ZipFile(archives[1]) as wheel:
        return wheel.namelist()


def test_the_wheel_carries_the_package_and_its_types(names):
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "lyaplab").rglob("*.py")}
    assert modules <= set(names)
    assert "lyaplab/py.typed" in names


def test_the_wheel_carries_every_lesson(names):
    lessons = [path.parent.name for path in (ROOT / "lessons").glob("*/exercises.py")]
    assert lessons
    for lesson in lessons:
        assert {f"lyaplab/lessons/{lesson}.ipynb", f"lyaplab/lessons/{lesson}/exercises.py"} <= set(names)


def test_the_wheel_carries_nothing_else(names):
    top = {name.split("/")[0] for name in names}
    version = lyaplab.__version__
    assert top == {"lyaplab", f"lyaplab-{version}.dist-info", f"lyaplab-{version}.data"}
    assert not [name for name in names if ".lyaplab" in name or "checkpoints" in name or name.endswith(".pyc")]


def test_the_wheel_enables_the_server_extension(names):
    assert any(name.endswith("data/etc/jupyter/jupyter_server_config.d/lyaplab.json") for name in names)


def test_the_metadata_say_who_what_and_how(archives):
    with zipfile.ZipFile(archives[1]) as wheel:
        folder = f"lyaplab-{lyaplab.__version__}.dist-info"
        metadata = wheel.read(f"{folder}/METADATA").decode()
        entry_points = wheel.read(f"{folder}/entry_points.txt").decode()
        assert f"{folder}/licenses/LICENSE" in wheel.namelist()
    assert "License-Expression: BSD-3-Clause" in metadata
    assert "Requires-Python: >=3.11" in metadata
    assert "Classifier: Framework :: Jupyter :: JupyterLab" in metadata
    assert "lyaplab = lyaplab.__main__:main" in entry_points


def test_the_source_archive_carries_what_the_wheel_is_built_from(archives):
    with tarfile.open(archives[0]) as archive:
        inside = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
    assert {"pyproject.toml", "hatch_build.py", "LICENSE", "Makefile", "tests/test_packaging.py"} <= inside


def test_a_read_only_install_from_the_wheel_lays_its_own_lessons(archives, tmp_path):
    target, home = tmp_path / "site", tmp_path / "home"
    home.mkdir()
    with zipfile.ZipFile(archives[1]) as wheel:
        wheel.extractall(target)
    for path in [*target.rglob("*"), target]:
        path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    env = {**os.environ, "PYTHONPATH": str(target), "HOME": str(home)}
    code = "import lyaplab, lyaplab.school as s; print(lyaplab.__file__, *s.lesson_folders().values(), sep='\\n')"
    told = subprocess.run([sys.executable, "-c", code], cwd=home, env=env, capture_output=True, text=True, check=True)
    assert all(line.startswith(str(target)) for line in told.stdout.split())
    lay = [sys.executable, "-m", "lyaplab", "lab", "--lay-only", "work"]
    done = subprocess.run(lay, cwd=home, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    laid = home / "work" / "01_fixed_points.ipynb"
    assert laid.stat().st_mode & stat.S_IWUSR, "a learner must be able to save"
