"""The yearly sunspot numbers, against what other collections of them say."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pytest

import lyaplab as ll

# Cycle maxima and sums over fifty years in R's table sunspot.year (from Tong's book, 1700-1988), another road from the
# same counts: four of its 289 years differ from ours, by 0.1 or 0.2.
MAXIMA = {1727: 122.0, 1778: 154.4, 1787: 132.0, 1837: 138.3, 1870: 139.0, 1947: 151.6, 1957: 190.2, 1979: 155.4}
SUMS = {1700: 1870.9, 1750: 2698.4, 1800: 1999.9, 1850: 2255.6, 1900: 2398.3}


@pytest.fixture(scope="module")
def table() -> tuple[np.ndarray, np.ndarray]:
    return ll.data.sunspots()


def test_every_year_has_a_number(table):
    years, numbers = table
    assert np.array_equal(years, np.arange(1700, 2009))
    assert (years.dtype.kind, numbers.dtype.kind, numbers.shape) == ("i", "f", (309,))
    assert numbers.min() == 0.0
    assert numbers[0] == 5.0


@pytest.mark.parametrize("year", MAXIMA)
def test_maxima(table, year):
    years, numbers = table
    assert numbers[years == year] == MAXIMA[year]
    assert numbers[abs(years - year) <= 3].max() == MAXIMA[year]


@pytest.mark.parametrize("first", SUMS)
def test_sums_over_fifty_years(table, first):
    years, numbers = table
    assert numbers[(first <= years) & (years < first + 50)].sum() == pytest.approx(SUMS[first], abs=0.15)


def test_the_cycle_takes_eleven_years(table):
    power = np.abs(np.fft.rfft(table[1] - table[1].mean())) ** 2
    assert 309 / power.argmax() == pytest.approx(11.0, abs=0.2)


def test_the_file_says_where_it_comes_from_and_on_which_terms():
    heading = (files(ll.data) / "sunspots.csv").read_text("utf-8").partition("year,number")[0]
    for said in ("version 1.0", "SILSO", "Royal Observatory of Belgium", "public domain", "statsmodels"):
        assert said in heading


def test_each_call_gives_numbers_of_its_own(table):
    ll.data.sunspots()[1][:] = 0.0
    assert ll.data.sunspots()[1].max() == 190.2


def test_as_a_series(table):
    series = ll.data.sunspot_series()
    assert np.allclose(series.restore(series.values)[:, 0], table[1])
    assert (series.time_step, series.unit, series.names) == (1.0, "year", ("number",))
