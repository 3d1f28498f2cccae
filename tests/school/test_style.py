from __future__ import annotations

import pytest

from lyaplab.school.style import DARK, LIGHT, panel, words


def _luminance(colour: str) -> float:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["text", "muted", "ok", "part", "no", "info"])
def test_contrast(theme, name):
    low, high = sorted([_luminance(theme[name]), _luminance(theme["back"])])
    assert (high + 0.05) / (low + 0.05) >= 4.5


def test_both_themes_have_the_same_colours():
    assert set(LIGHT) == set(DARK)


def test_words_are_escaped():
    assert words("a < b & `c < d`") == "a &lt; b &amp; <code>c &lt; d</code>"
    assert words("one ` alone") == "one ` alone"


def test_a_panel_has_its_role_and_tone():
    html = panel("<p>x</p>", tone="ok", label='a "b"')
    assert 'role="status"' in html and "var(--ll-ok)" in html and "a &quot;b&quot;" in html
