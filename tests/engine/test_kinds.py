"""Words for eigenvalues, and how they are counted."""

from __future__ import annotations

import numpy as np

from lyaplab.engine.kinds import least_stable_first, listing


def test_listing_has_plurals():
    assert listing(["saddle"] * 3 + ["stable spiral"]) == "3 saddles, 1 stable spiral"
    assert listing(["marginal", "marginal"]) == "2 marginal points"
    assert listing([]) == ""


def test_least_stable_first_of_maps_and_flows():
    values = np.array([[-2.0, 1.5 - 1e-12j, 0.5], [0.1, 0.3 - 0.4j, 0.3 + 0.4j]])
    by_size = least_stable_first(values, flow=False)
    np.testing.assert_array_equal(by_size[0].real, [-2.0, 1.5, 0.5])
    np.testing.assert_array_equal(by_size[1], [0.3 + 0.4j, 0.3 - 0.4j, 0.1])
    np.testing.assert_array_equal(least_stable_first(values, flow=True)[0].real, [1.5, 0.5, -2.0])
