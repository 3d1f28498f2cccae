"""Results shown as small widgets: every kind has a view whose figure holds the result's own numbers."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

import lyaplab as ll
from lyaplab.engine.result import Result
from lyaplab.widgets._results import result_view

PAIR = ll.Model("tanh", preset="three-attractors")


@pytest.fixture(params=["spectrum", "gradients", "fixed points", "basins"])
def result(request) -> Result:
    return {
        "spectrum": lambda: ll.Model("lorenz63").lyapunov_spectrum(5000),
        "gradients": lambda: ll.Model("henon").gradient_norms(300),
        "fixed points": lambda: PAIR.fixed_points(),
        "basins": lambda: PAIR.basins(resolution=(30, 20)),
    }[request.param]()


def test_shown_with_words_and_a_still(result):
    view = result.show()
    assert view.words == repr(result)
    data = view._repr_mimebundle_()
    data = data[0] if isinstance(data, tuple) else data
    assert data["text/plain"] == repr(result)
    picture = view.stages[0]
    assert picture.scene().layers
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert len(np.unique(np.asarray(image.convert("L")))) > 10  # something is drawn on it
    view.close()


def test_the_spectrum_shows_its_own_numbers():
    spectrum = ll.Model("henon").lyapunov_spectrum(5000)
    view = spectrum.show()
    layers = {layer.name: layer for layer in view.stages[0].scene().layers}
    np.testing.assert_allclose(layers["exponent-0"].y, spectrum.history[:, 0])
    np.testing.assert_allclose(layers["exponent-0"].x, spectrum.times)
    dots = {layer.name: layer for layer in view.stages[1].scene().layers}["exponents"]
    np.testing.assert_allclose(dots.y, spectrum.exponents)


def test_the_slope_of_a_flow_is_drawn_per_step():
    norms = ll.Model("lorenz63", dt=0.02).gradient_norms(2000)
    line = {layer.name: layer for layer in norms.show().stages[0].scene().layers}["slope"]
    rise = (line.y[1] - line.y[0]) / (line.x[1] - line.x[0])
    assert rise == pytest.approx(norms.slope * 0.02)


def test_what_has_no_view_is_said():
    with pytest.raises(TypeError, match="no view for a int"):
        result_view(3)
