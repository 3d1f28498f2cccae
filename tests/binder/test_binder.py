"""Binder: repo2docker picks what is meant, the scripts are sound, and the pins fit what lyaplab asks for.

The whole build, without Docker, is rehearsed by ``binder/rehearse``; it fetches some 300 MB, so it is not a test here.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
BINDER = ROOT / "binder"
LESSON = "lessons/01_fixed_points.ipynb"


@pytest.fixture(scope="module")
def dockerfile(tmp_path_factory):
    """What repo2docker would build, from the files that git knows or would add."""
    repository = tmp_path_factory.mktemp("repository")
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listing.returncode:
        pytest.skip("not a git repository")
    for name in listing.stdout.splitlines():
        if (ROOT / name).is_file():
            (repository / name).parent.mkdir(parents=True, exist_ok=True)
            (repository / name).write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "repo2docker", "--no-build", str(repository)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_repo2docker_takes_the_conda_build_with_our_python(dockerfile):
    assert "Building conda environment for python=3.11" in dockerfile
    assert re.search(r"env update -p \S+ --file \"binder/environment.yml\"", dockerfile)


def test_repo2docker_runs_post_build_and_starts_through_start(dockerfile):
    assert "RUN ./binder/postBuild" in dockerfile
    assert 'R2D_ENTRYPOINT="${REPO_DIR}/binder/start"' in dockerfile


@pytest.mark.parametrize("name", ["postBuild", "start", "rehearse"])
def test_a_script_is_executable_and_its_syntax_sound(name):
    assert os.access(BINDER / name, os.X_OK)
    assert subprocess.run(["bash", "-n", str(BINDER / name)], check=False).returncode == 0


def test_build_and_session_compile_for_the_same_processor():
    wanted = "export NUMBA_CPU_NAME=generic"
    assert wanted in (BINDER / "postBuild").read_text().splitlines()
    assert wanted in (BINDER / "start").read_text().splitlines()


def test_start_hands_over_to_the_command_with_its_environment():
    show = "import os, sys; print(os.environ['NUMBA_CPU_NAME'], os.environ['OMP_NUM_THREADS'], sys.argv[1])"
    done = subprocess.run(
        [str(BINDER / "start"), sys.executable, "-c", show, "two words"], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["generic", "1", "two", "words"]


def test_the_badge_opens_a_lesson_that_is_there():
    assert f"urlpath=lab/tree/{LESSON}" in (ROOT / "README.md").read_text()
    assert (ROOT / LESSON).is_file()
    assert LESSON in (BINDER / "postBuild").read_text()


def pinned():
    lines = (BINDER / "environment.yml").read_text().splitlines()
    pins = [line.strip().removeprefix("- ") for line in lines if line.startswith("      - ")]
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9][\w.]*", pin) for pin in pins)
    return dict(pin.split("==") for pin in pins)


def asked_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return [Requirement(line) for line in project["dependencies"] + project["optional-dependencies"]["lab"]]


@pytest.mark.parametrize("requirement", asked_for(), ids=str)
def test_a_pin_fits_what_lyaplab_asks_for(requirement):
    assert requirement.specifier.contains(pinned()[canonicalize_name(requirement.name)])


def test_python_is_the_one_that_lyaplab_and_the_rehearsal_take():
    environment = (BINDER / "environment.yml").read_text()
    assert "\n  - python=3.11\n" in environment
    assert "(3, 11, 5) <= sys.version_info < (3, 12)" in (BINDER / "rehearse").read_text()
