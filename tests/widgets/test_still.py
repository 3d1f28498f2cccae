"""Still pictures and tables, written without a browser."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from lyaplab.widgets._palette import colour
from lyaplab.widgets._pens import _dashes, _runs
from lyaplab.widgets._scene import MARGIN
from lyaplab.widgets._stage import Axis, Stage
from lyaplab.widgets._still import to_csv, to_png, to_svg

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def scene():
    stage = Stage(x=Axis("x₁", 0, 10), y=Axis("x₂", -1, 1), width=668, height=552)
    stage.raster("basins")
    stage.band("sure", role="second")
    stage.line("orbit", role="orbit", label="an <orbit> & more", width=4)
    stage.line("field", role="arrow", table=False)
    stage.line("dashed", role="first", label="x₁′ = 0", dashed=True)
    stage.dots("steps", role="third", label="steps")
    for marker in ("disc", "ring", "diamond", "square", "triangle"):
        stage.points(marker, role="saddle", marker=marker, label=marker)
    stage.handle("start", label="drag it")
    stage.text("note")
    pixels = np.zeros((2, 2, 4), np.uint8)
    pixels[0] = (200, 0, 0, 255)
    stage.show_raster("basins", pixels)
    stage.show_band("sure", [0, 10], [-0.1, -0.1], [0.1, 0.1])
    stage.show("orbit", [0, 5, np.nan, 6, 10], [0, 0.5, np.nan, 0.5, 0.123456789012345])
    stage.show("field", [1, 2], [0, 0])
    stage.show("dashed", [0, 10], [-0.5, -0.5])
    stage.show("steps", [1, 2, 3], [0.8, 0.8, 0.8])
    for i, marker in enumerate(("disc", "ring", "diamond", "square", "triangle")):
        stage.show(marker, [i + 1.0], [-0.8])
    stage.show("start", 5.0, 0.8, names=("1",))
    stage.show_text("note", [8.0], [0.8], ["λ₁ < 0"])
    yield stage.scene()
    stage.close()


def pixel(picture: bytes, scene, x: float, y: float, *, key: float, scale: float = 2.0) -> tuple[int, ...]:
    across, down = scene.to_pixels(x, y)
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    at = ((float(across) + MARGIN["left"]) * scale, (float(down) + MARGIN["top"] + key) * scale)
    return image.getpixel((int(at[0]), int(at[1])))


def key_height(picture: bytes, scene, scale: float = 2.0) -> float:
    return Image.open(io.BytesIO(picture)).height / scale - scene.height


def rgb(role: str, theme: str) -> tuple[int, ...]:
    return tuple(int(colour(role, theme)[i : i + 2], 16) for i in (1, 3, 5))


def test_the_svg_is_well_formed_and_speaks(scene):
    root = ET.fromstring(to_svg(scene, title="Plane & <co>", description="Two fixed points."))
    assert root.tag == f"{SVG}svg" and root.get("role") == "img"
    assert root.find(f"{SVG}title").text == "Plane & <co>"
    assert root.find(f"{SVG}desc").text == "Two fixed points."
    words = [element.text for element in root.iter(f"{SVG}text")]
    assert {"x₁", "x₂", "an <orbit> & more", "λ₁ < 0", "1", "-1.0", "10"} <= set(words)
    assert len(list(root.iter(f"{SVG}image"))) == 1


def test_a_line_with_a_gap_is_two_paths(scene):
    root = ET.fromstring(to_svg(scene))
    orbit = [p for p in root.iter(f"{SVG}path") if f"stroke:{colour('orbit')};stroke-width:4" in p.get("style")]
    assert len(orbit) == 2


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_themes_wear_their_colours(scene, theme):
    other = "dark" if theme == "light" else "light"
    text = to_svg(scene, theme)
    assert colour("orbit", theme) in text and colour("orbit", other) not in text
    assert "var(" not in text
    picture = to_png(scene, theme)
    key = key_height(picture, scene)
    assert Image.open(io.BytesIO(picture)).getpixel((2, 2)) == rgb("paper", theme)
    assert pixel(picture, scene, 2.5, 0.25, key=key) == rgb("orbit", theme)
    assert pixel(picture, scene, 5.0, 0.8, key=key) == rgb("start", theme)
    assert pixel(picture, scene, 1.0, -0.8, key=key) == rgb("saddle", theme)
    assert pixel(picture, scene, 2.0, -0.8, key=key) == rgb("paper", theme)  # a ring is open


def test_the_raster_lies_where_it_belongs(scene):
    picture = to_png(scene)
    key = key_height(picture, scene)
    assert pixel(picture, scene, 9.5, -0.9, key=key)[0] > 150  # row 0 is at the bottom
    assert pixel(picture, scene, 9.5, 0.95, key=key) == rgb("paper", "light")


def test_nothing_is_drawn_outside_the_plot():
    stage = Stage(x=Axis("x", 0, 1), y=Axis("y", 0, 1), width=300, height=300)
    stage.line("orbit", role="unstable", width=6)
    stage.show("orbit", [-50, 50], [0.5, 0.5])
    picture = to_png(stage.scene(), scale=1)
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    red = np.argwhere((np.asarray(image).astype(int) @ [1, -1, 0]) > 100)
    assert red[:, 1].min() >= MARGIN["left"] - 1 and red[:, 1].max() <= 300 - MARGIN["right"]
    stage.close()


def test_scale_and_several_scenes(scene):
    one, two = (Image.open(io.BytesIO(to_png(s, scale=1))).size for s in (scene, [scene, scene]))
    assert two[0] == one[0] and two[1] == 2 * one[1]  # too wide for one row: below each other
    assert Image.open(io.BytesIO(to_png(scene, scale=2))).size == (one[0] * 2, one[1] * 2)
    with pytest.raises(ValueError, match="scale"):
        to_png(scene, scale=0)
    with pytest.raises(ValueError, match="theme"):
        to_svg(scene, "bright")  # type: ignore[arg-type]


def test_the_table_gives_back_the_very_same_numbers(scene):
    rows = list(csv.DictReader(io.StringIO(to_csv([scene, scene]))))
    orbit = [(float(r["x"]), float(r["y"])) for r in rows if r["series"] == "orbit" and r["figure"] == "2"]
    assert orbit[-1] == (10.0, 0.123456789012345) and len(orbit) == 5
    assert {r["series"] for r in rows} == {
        "orbit", "dashed", "steps", "disc", "ring", "diamond", "square", "triangle", "start", "sure low", "sure high"
    }  # fmt: skip


def test_clip_paths_of_two_pictures_do_not_share_names(scene):
    small = Stage(x=Axis("x", 0, 1), y=Axis("y", 0, 1))
    roots = [ET.fromstring(to_svg(one)) for one in (scene, small.scene())]
    names = [{element.get("id") for element in root.iter(f"{SVG}clipPath")} for root in roots]
    assert names[0].isdisjoint(names[1])
    small.close()


def test_dashes_have_one_length_and_follow_the_corner():
    pieces = _dashes([(0, 0), (10, 0), (10, 10)], 7, 5)
    assert pieces[0] == [(0, 0), (7, 0)]
    assert pieces[1] == [(10, 2), (10, 9)]
    assert sum(len(piece) for piece in _dashes([(0, 0), (10, 0), (10, 10)], 12, 50)) == 3


def test_words_on_lines_have_a_rim_of_paper():
    stage = Stage(x=Axis("x", 0, 10), y=Axis("y", -1, 1), width=300, height=200)
    stage.rule("line", y=0.0, role="ink", width=14)
    stage.text("note", role="unstable", dy=0)
    stage.show_text("note", [2.0], [0.0], ["slope"])
    assert "paint-order:stroke" in to_svg(stage.scene())
    page = np.asarray(Image.open(io.BytesIO(to_png(stage.scene()))).convert("RGB")).astype(int)
    key, scale = key_height(to_png(stage.scene()), stage.scene()), 2.0
    across, down = stage.scene().to_pixels([2.0, 4.0], [0.05, -0.05])
    rows = slice(int((down[0] + MARGIN["top"] + key) * scale), int((down[1] + MARGIN["top"] + key) * scale))
    columns = slice(int((across[0] + MARGIN["left"]) * scale), int((across[1] + MARGIN["left"]) * scale))
    # within the thick dark line, there is paper around the letters
    assert (page[rows, columns].min(axis=2) > 240).any()
    stage.close()


def test_letters_that_the_font_lacks_are_written_out():
    assert _runs("x₁₂′ = −λ") == [("x", 0), ("12", 1), ("' = -lambda", 0)]
    assert _runs("10⁻³") == [("10", 0), ("-3", -1)]
