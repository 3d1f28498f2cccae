"""The file of a sweep: only added to, whole up to the last row, and refused when it is another's."""

from __future__ import annotations

import json
import resource
import signal

import pytest

from lyaplab.sweeps.rowfile import RowFile

HEADER = {"grid": "a1", "seed": 0, "measure": "b2"}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "rows.jsonl"


def write(path, rows, header=HEADER):
    with RowFile(path, header) as file:
        for row in rows:
            file.add(row, {"gain": 1.5}, {"result": {"value": row / 3}})


def read(path, header=HEADER):
    with RowFile(path, header) as file:
        return file.found


def test_rows_come_back(path):
    write(path, [0, 2])
    write(path, [1])
    assert read(path) == {row: {"result": {"value": row / 3}} for row in (0, 1, 2)}
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines[0]["grid"] == "a1" and [line["row"] for line in lines[1:]] == [0, 2, 1]
    assert lines[1]["settings"] == {"gain": 1.5}


def test_cut_anywhere_it_goes_on(path):
    """A process killed at any byte leaves a file that the next one repairs."""
    write(path, [0, 1])
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        write(path, set(range(2)) - set(read(path)))
        assert sorted(path.read_bytes().split(b"\n")) == sorted(whole.split(b"\n"))


OTHERS = [
    ({**HEADER, "grid": "a2"}, "holds the rows of another grid, and is left as it is"),
    ({**HEADER, "seed": 1}, "of another seed"),
    ({**HEADER, "measure": "b3"}, "of another measure, or other options of it"),
]


@pytest.mark.parametrize(("header", "text"), OTHERS)
def test_another_sweep_is_refused(path, header, text):
    write(path, [0])
    path.write_bytes(path.read_bytes() + b'{"row": 1')  # nor is a half line of it cut off
    before = path.read_bytes()
    with pytest.raises(ValueError, match=text):
        write(path, [1], header)
    assert path.read_bytes() == before


FOREIGN = [
    (b"my diary\n", "is no sweep's file"),
    (b"\x80\x81", "is no sweep's file"),
    (b"[1, 2]\n", "is no sweep's file"),
    (b'{"format":"lyaplab-sweep","version":2}\n', "was written by a newer lyaplab"),
]


@pytest.mark.parametrize(("content", "text"), FOREIGN)
def test_a_foreign_file_stays_as_it_is(path, content, text):
    path.write_bytes(content)
    with pytest.raises(ValueError, match=text):
        write(path, [0])
    assert path.read_bytes() == content


@pytest.mark.parametrize("line", [b"{", b"[]", b'{"row":"x"}', b"{}", b"\xff"])
def test_a_damaged_line_is_named(path, line):
    write(path, [0])
    path.write_bytes(path.read_bytes() + line + b"\n")
    with pytest.raises(ValueError, match="line 3 of .* is damaged: take it out"):
        read(path)


def test_one_writer_at_a_time(path):
    with RowFile(path, HEADER), pytest.raises(RuntimeError, match="another sweep is writing to"):
        write(path, [0])
    write(path, [0])


def test_places_that_cannot_be(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        write(tmp_path / "nowhere" / "rows.jsonl", [])
    with pytest.raises(IsADirectoryError, match="is a folder"):
        write(tmp_path, [])


def test_full_disk_leaves_whole_lines(path):
    """A limit on the size of files stands for the end of the disk: the last write succeeds in part."""
    write(path, [0])
    size = path.stat().st_size
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    quiet = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20, before[1]))
        with pytest.raises(OSError, match="the rows cannot be saved to .*rows.jsonl"):
            write(path, [1])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, quiet)
    assert path.stat().st_size == size
    write(path, [1])
    assert set(read(path)) == {0, 1}
