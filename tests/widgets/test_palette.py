"""The colours can be seen on their paper, and told apart, also by eyes that miss one kind of cone."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from lyaplab.widgets import _palette
from lyaplab.widgets._palette import APART, BASINS, ROLES, THEMES, basin_role, colour, tint, variable, variables
from lyaplab.widgets._style import CSS, style
from tests.colours import contrast, linear

# Machado, Oliveira and Fernandes 2009: what remains of linear RGB at full strength
EYES = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}


def lab(rgb: np.ndarray) -> np.ndarray:
    matrix = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = matrix @ np.clip(rgb, 0, 1) / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def distance(one: str, other: str, eyes: str) -> float:
    return float(np.linalg.norm(lab(EYES[eyes] @ linear(one)) - lab(EYES[eyes] @ linear(other))))


def on_paper(role: str, theme: str) -> str:
    """The colour of a basin's tint as it appears on the theme's paper."""
    *rgb, alpha = tint(role)
    paper = [int(colour("paper", theme)[i : i + 2], 16) for i in (1, 3, 5)]
    mixed = [round(c * alpha / 255 + p * (1 - alpha / 255)) for c, p in zip(rgb, paper, strict=True)]
    return "#{:02x}{:02x}{:02x}".format(*mixed)


def test_the_yardsticks_themselves():
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert distance("#000000", "#ffffff", "normal") == pytest.approx(100, abs=0.1)
    assert distance("#ff0000", "#008000", "deuteranopia") < distance("#ff0000", "#008000", "normal") / 2


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("role", [name for name, role in ROLES.items() if role.use != "quiet"])
def test_every_role_is_seen_on_its_paper(role, theme):
    wanted = {"text": 4.5, "graphic": 3.0}[ROLES[role].use]
    assert contrast(colour(role, theme), colour("paper", theme)) >= wanted


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("role", ["orbit", "first", "second", "third", "start", "stable", "saddle", "unstable"])
def test_what_matters_is_seen_on_every_basin_too(role, theme):
    for number in range(BASINS):
        assert contrast(colour(role, theme), on_paper(basin_role(number), theme)) >= 3.0


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("group", APART)
def test_roles_of_one_shape_are_told_apart(group, eyes, theme):
    for one, other in itertools.combinations(group, 2):
        assert distance(colour(one, theme), colour(other, theme), eyes) >= 20, (one, other)


@pytest.mark.parametrize("theme", THEMES)
def test_a_basin_is_of_the_colour_of_its_attractor(theme):
    """Of all attractors' colours, the own one is nearest in hue to the tint."""

    def hue(hexadecimal: str) -> float:
        _, a, b = lab(linear(hexadecimal))
        return float(np.degrees(np.arctan2(b, a)))

    names = [basin_role(i) for i in range(BASINS)]
    for name in names:
        *rgb, _ = tint(name)
        seen = hue("#{:02x}{:02x}{:02x}".format(*rgb))
        turns = {other: abs((hue(colour(other, theme)) - seen + 180) % 360 - 180) for other in names}
        assert min(turns, key=turns.__getitem__) == name, turns


def test_a_misspelled_role_names_the_nearest():
    with pytest.raises(ValueError, match="did you mean 'stable'"):
        colour("stabel")
    with pytest.raises(ValueError, match="did you mean 'orbit'"):
        variable("orbt")
    with pytest.raises(ValueError, match="theme"):
        colour("orbit", "drak")  # type: ignore[arg-type]


def test_the_style_sheet_defines_every_role_it_uses():
    import re

    # what is no colour: fonts, and what widgets set on a part of theirs
    others = {"--lyap-sans", "--lyap-serif", "--lyap-grip", "--lyap-mark", "--lyap-word"}
    defined = set(re.findall(r"(--lyap-[\w-]+):", variables("light"))) | others
    assert set(re.findall(r"var\((--lyap-[\w-]+)\)", CSS)) <= defined
    assert CSS.count("{") == CSS.count("}")
    assert "http" not in CSS  # nothing is fetched


def test_the_style_is_one_widget_and_comes_back_after_close_all():
    first = style()
    assert style() is first
    first.close()
    second = style()
    assert second is not first and second.value == f"<style>{CSS}</style>"


def test_sheets_for_both_themes_name_the_same_roles():
    assert _palette.variables("light").count("--lyap-") == _palette.variables("dark").count("--lyap-") == len(ROLES)
