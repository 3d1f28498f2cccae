"""Series from arrays and files of one's own: every usual way to write a table, and every usual fault in one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lyaplab.data import from_array, from_csv
from lyaplab.data.rows import read_rows

TABLE = np.round(np.random.default_rng(0).normal([3.0, -200.0], [1.0, 50.0], (12, 2)), 3)


def written(mark: str = ",", heading: str = "", decimal: str = ".", end: str = "\n") -> str:
    rows = [mark.join(f"{value:.3f}".replace(".", decimal) for value in row) for row in TABLE]
    return end.join(filter(None, [heading, *rows]))


def file_of(folder: Path, text: str) -> Path:
    path = folder / "wind.csv"
    path.write_bytes(text.encode())
    return path


WRITTEN = {
    "commas": (written(), ("x1", "x2")),
    "heading": (written(heading="speed,angle"), ("speed", "angle")),
    "quotes": (written(heading='"speed, m/s", "angle"'), ("speed, m/s", "angle")),
    "nameless": (written(heading=",angle"), ("x1", "angle")),
    "decimal commas": (written(";", "speed;angle", ","), ("speed", "angle")),
    "tabs": (written("\t", "wind speed\tangle"), ("wind speed", "angle")),
    "blanks": (written("   "), ("x1", "x2")),
    "blanks in front": ("\n".join("  " + line for line in written(" ").splitlines()), ("x1", "x2")),
    "Windows": ("\ufeff" + written(heading="speed,angle", end="\r\n"), ("speed", "angle")),
    "remarks": ("# from a mast\n\n" + written(heading="speed,angle") + "\n\n# end\n", ("speed", "angle")),
}


@pytest.mark.parametrize("way", WRITTEN)
def test_ways_to_write_a_table(way, tmp_path):
    text, names = WRITTEN[way]
    series = from_csv(file_of(tmp_path, text))
    assert series.names == names
    assert np.allclose(series.restore(series.values), TABLE, atol=1e-9)
    assert (series.name, series.source) == ("wind", "the file wind.csv")


@given(arrays(float, st.tuples(st.integers(1, 8), st.integers(1, 4)), elements=st.floats(allow_nan=False, width=64)))
def test_numbers_are_read_to_the_last_bit(tmp_path_factory, table):
    table = np.where(np.isinf(table), 0.0, table)
    path = tmp_path_factory.mktemp("tables") / "any.csv"
    path.write_text("\n".join(",".join(map(repr, row)) for row in table.tolist()))
    names, values = read_rows(path)
    assert names is None
    assert np.array_equal(values, table)


def test_columns_are_chosen_and_the_others_may_hold_anything(tmp_path):
    rows = [f"2001-01-{t + 1:02d},{row[0]},n/a,{row[1]}" for t, row in enumerate(TABLE)]
    path = file_of(tmp_path, "\n".join(["day,speed,rain,angle", *rows]))
    chosen = from_csv(path, columns=["angle", "speed"], time_step=24.0, unit="hour", exponent=0.1)
    assert chosen.names == ("angle", "speed")
    assert np.allclose(chosen.restore(chosen.values), TABLE[:, ::-1])
    assert (chosen.time_step, chosen.unit, chosen.exponent_from) == (24.0, "hour", "given")
    assert np.array_equal(from_csv(path, columns=3).values[:, 0], chosen.values[:, 0])


def test_noise_on_a_file(tmp_path):
    path = file_of(tmp_path, "\n".join(str(t % 7) for t in range(2000)))
    added = from_csv(path, noise=0.1, seed=1).values - from_csv(path).values
    assert added.std() == pytest.approx(0.1, rel=0.05)


def with_row(row: int, text: str, heading: str = "speed,angle") -> str:
    lines = written(heading=heading).splitlines()
    lines[row] = text
    return "\n".join(lines)


FAULTS = {
    "NaN": (with_row(7, "1.0,nan"), r"wind.csv, row 7 \(line 8\), column 'angle' .* but is 'nan'"),
    "after a remark": ("# x\n" + with_row(7, "NA,1.0"), r"row 7 \(line 9\), column 'speed' .* but is 'NA'"),
    "infinite": (with_row(1, "inf,1"), r"row 1 \(line 2\), column 'speed' .* but is 'inf'"),
    "empty": (with_row(3, "1.0,"), r"row 3 \(line 4\), column 'angle' .* but is empty"),
    "no heading": (with_row(4, "1.0,nan", heading=""), r"row 5 \(line 5\), column 'x2' .* but is 'nan'"),
    "ragged": (with_row(3, "1.0,2.0,3.0"), r"row 3 \(line 4\) has 3 columns, expected 2 as in the first line"),
    "short row": (with_row(12, "1.0"), r"row 12 \(line 13\) has 1 columns, expected 2"),
    "open quotes": (with_row(5, '"1.0,2.0'), r"row 5 \(line \d+\) has 1 columns, expected 2"),
    "constant": ("speed,angle\n" + "\n".join(f"{t},5.0" for t in range(20)), "column 'angle' must vary, got .* 5"),
    "few rows": ("speed,angle\n1,2\n3,4", "a series needs 10 rows or more, got 2"),
    "heading only": ("speed,angle", "a series needs 10 rows or more, got 0"),
    "nothing": ("# nothing\n", "wind.csv has no rows"),
    "twice": (written(heading="speed,speed"), "names must all be different, got speed, speed"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_of_a_file_are_told_with_their_place(fault, tmp_path):
    text, said = FAULTS[fault]
    with pytest.raises(ValueError, match=said):
        from_csv(file_of(tmp_path, text))


def test_an_unknown_column_and_the_nearest(tmp_path):
    path = file_of(tmp_path, written(heading="speed,angle"))
    with pytest.raises(ValueError, match="unknown column 'sped': did you mean 'speed'"):
        from_csv(path, columns="sped")


def test_what_is_no_text_is_told(tmp_path):
    path = tmp_path / "series.npz"
    from_array(TABLE).save(path)
    with pytest.raises(ValueError, match=r"series.npz must be text in UTF-8, but byte \d+ is not"):
        from_csv(path)
    with pytest.raises(FileNotFoundError):
        from_csv(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("values", "options", "kind", "said"),
    [
        ([[1.0, 2.0], [3.0]], {}, ValueError, "values must be an array of numbers with rows of one length"),
        (np.where(np.arange(20) == 4, np.nan, 1.0), {}, ValueError, r"values must be finite, but values\[4\] is nan"),
        (np.ones((20, 2)) * [[1.0, 3.0]], {}, ValueError, "column 'x1' must vary, got the constant 1"),
        (1e6 + 1e-7 * np.arange(20), {}, ValueError, "column 'x' must vary, got the constant 1e\\+06"),
        (np.zeros((20, 0)), {}, ValueError, r"values must have shape \(T,\) or \(T, N\), got \(20, 0\)"),
        (np.arange(9), {}, ValueError, "a series needs 10 rows or more, got 9"),
        (["a"] * 20, {}, TypeError, "values must be an array of real numbers"),
        (TABLE, {"names": ["speed"]}, ValueError, "names must be one word for each of 2 columns, got "),
        (TABLE, {"time_step": 0}, ValueError, "time_step must be positive, got 0"),
        (TABLE, {"exponent": np.nan}, ValueError, "exponent must be finite, got nan"),
    ],
)
def test_faults_of_an_array_are_told(values, options, kind, said):
    with pytest.raises(kind, match=said):
        from_array(values, **options)


def test_an_array_stays_as_it_is():
    table = TABLE.copy()
    series = from_array(table, noise=0.5)
    series.values[:] = 0.0
    assert np.array_equal(table, TABLE)
