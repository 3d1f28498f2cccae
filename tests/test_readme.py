"""The README keeps its word: its examples run, its links lead somewhere, its tables are complete."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import lyaplab

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
# What needs PyTorch runs where that is: in tests/peers/test_interop_torch.py.
EXAMPLES = [block for block in BLOCKS if "import torch" not in block]
WITH_TORCH = [block for block in BLOCKS if "import torch" in block]


def test_the_examples_run_one_after_the_other(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)  # one of them writes a file
    names: dict[str, object] = {}
    for example in EXAMPLES:
        exec(compile(example, "README.md", "exec"), names)
    printed = capsys.readouterr().out
    assert len(names["spectrum"].exponents) == 10
    # What the first example claims: the largest exponent and the gradients' slope are the same number.
    slope = names["net"].gradient_norms(100).slope
    assert slope == pytest.approx(names["spectrum"].exponents[0], abs=0.1)
    assert f"{slope}" in printed
    names["view"].close()


def test_the_first_example_is_six_lines():
    lines = [line for line in EXAMPLES[0].splitlines() if line.strip()]
    assert len(lines) == 6


@pytest.mark.parametrize("link", re.findall(r"\]\((?!https?://)([^)]+)\)", README))
def test_a_link_leads_to_a_file_that_is_there(link):
    assert (ROOT / link).is_file()


def test_every_picture_has_words_for_who_cannot_see_it():
    pictures = re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", README)
    assert pictures
    assert all(len(words) > 20 for words, _ in pictures)


def test_every_lesson_is_in_the_table():
    lessons = {path.stem for path in (ROOT / "lessons").glob("*.ipynb")}
    assert lessons
    assert lessons == set(re.findall(r"^\| \[(\w+)\]", README, flags=re.MULTILINE))


def test_the_commands_that_it_names_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)", README, flags=re.MULTILINE):
        assert f"\n{target}:" in makefile
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    assert scripts == {"lyaplab": "lyaplab.__main__:main"}


@pytest.mark.parametrize("name", ["CHANGELOG.md", "CITATION.cff"])
def test_the_version_is_everywhere_the_same(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert re.search(rf"^(## |version: ){re.escape(lyaplab.__version__)}\b", text, flags=re.MULTILINE)
