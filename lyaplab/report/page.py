"""Report: what was measured, section by section, and the ways to read and keep it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from os import PathLike
from pathlib import Path
from typing import Any, Self, cast

import numpy as np

from lyaplab.engine.exponents import Spectrum
from lyaplab.engine.fixed_points import FixedPoints
from lyaplab.engine.result import Result, pack
from lyaplab.report.html_page import document, fragment
from lyaplab.report.parts import Drive, Echo, Growth, Identity, Memory, Verdict, Weights
from lyaplab.report.plan import SECTIONS
from lyaplab.report.text_page import text_page
from lyaplab.report.words import in_words

__all__ = ["Report"]

_KINDS: dict[str, type[Result]] = {
    kind.__name__: kind for kind in (Identity, Drive, Weights, Spectrum, Verdict, Memory, Growth, FixedPoints, Echo)
}


@dataclass(frozen=True, repr=False)
class Report(Result):
    """One page about a network; `str` gives it as text, a notebook shows it as HTML.

    A section that was not asked for, or that failed, is None; `errors` says why it failed.

    Parameters
    ----------
    sections : tuple of str
        What was asked for, in the order of the page.
    errors : dict of str to str
        One line for each section that failed.
    now : str
        The section that is being measured; "" when the page is complete.
    drive : Drive or None
        The inputs that everything was measured under.
    identity : Identity or None
        What the network is.
    weights : Weights or None
        Spectral radius and singular values of the recurrent weights.
    spectrum : Spectrum or None
        Lyapunov exponents with their errors.
    verdict : Verdict or None
        What the network does in the long run, or that this is undecided.
    memory : Memory or None
        The memory horizon.
    gradients : Growth or None
        The growth of gradients.
    fixed_points : FixedPoints or None
        Where the network rests.
    echo : Echo or None
        Whether it forgets its start under its inputs.
    """

    sections: tuple[str, ...] = SECTIONS
    errors: dict[str, str] = field(default_factory=dict)
    now: str = ""
    drive: Drive | None = None
    identity: Identity | None = None
    weights: Weights | None = None
    spectrum: Spectrum | None = None
    verdict: Verdict | None = None
    memory: Memory | None = None
    gradients: Growth | None = None
    fixed_points: FixedPoints | None = None
    echo: Echo | None = None

    # The key numbers, so that nobody has to know which section they are from.

    @property
    def exponents(self) -> np.ndarray:
        """The Lyapunov exponents, shape (k,); empty where they are not known."""
        return np.empty(0) if self.spectrum is None else self.spectrum.exponents

    @property
    def kaplan_yorke(self) -> float:
        """Kaplan-Yorke dimension; NaN where it is not known."""
        return math.nan if self.spectrum is None else self.spectrum.kaplan_yorke

    @property
    def entropy_rate(self) -> float:
        """Sum of the positive exponents, in nats per unit; NaN where it is not known."""
        return math.nan if self.spectrum is None else self.spectrum.entropy_rate

    @property
    def horizon(self) -> float:
        """Memory horizon in units; NaN where it is not known, infinite where the sign of the exponent is not."""
        return math.nan if self.memory is None else self.memory.horizon

    @property
    def title(self) -> str:
        """What the page is about."""
        return "Report" if self.identity is None else f"Report: {self.identity.title}"

    @property
    def size(self) -> int | None:
        """Number of state variables; None before the network has been looked at."""
        return None if self.identity is None else self.identity.d

    @property
    def complete(self) -> bool:
        """Whether nothing is left to be measured."""
        return not self.now

    # Reading it.

    def __str__(self) -> str:
        return text_page(self.title, in_words(self))

    def __repr__(self) -> str:
        return str(self)

    def html(self) -> str:
        """Return the page as a piece of HTML with its style and its charts, which stands alone and runs no script."""
        return fragment(in_words(self), self)

    def document(self) -> str:
        """Return the page as a whole HTML document."""
        return document(in_words(self), self)

    def _repr_html_(self) -> str:
        return self.html()

    def show(self) -> Self:
        """Return the page itself: as a cell's last line it is shown."""
        return self

    def table(self) -> dict[str, np.ndarray]:
        """Return the columns section, quantity, value and note: every line of the page."""
        words = in_words(self)
        rows = [(each.name, fact.label, fact.value, fact.note) for each in words for fact in each.facts]
        columns = np.array(rows, dtype=str).reshape(-1, 4).T
        return dict(zip(("section", "quantity", "value", "note"), columns, strict=True))

    # Keeping it.

    def save(self, path: str | PathLike[str]) -> None:
        """Write the page to a file: ``.html`` or ``.txt`` to be read, ``.npz`` (or none of these) to be loaded again.

        Parameters
        ----------
        path : path
            File to write; numpy adds ``.npz`` where there is no such ending.
        """
        ending = Path(path).suffix.lower()
        if ending in (".html", ".htm"):
            Path(path).write_text(self.document(), encoding="utf-8")
        elif ending == ".txt":
            Path(path).write_text(f"{self}\n", encoding="utf-8")
        else:
            self._save_numbers(path)

    def _save_numbers(self, path: str | PathLike[str]) -> None:
        header: dict[str, Any] = {}
        arrays: dict[str, np.ndarray] = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, Result):
                header[each.name], own = pack(value)
                arrays.update({f"{each.name}.{name}": array for name, array in own.items()})
            else:
                header[each.name] = value
        plain = json.dumps({"result": type(self).__name__, **header})
        np.savez(path, header=np.array(plain), **cast(Any, arrays))

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Self:
        """Read what `save` wrote as npz.

        Raises
        ------
        ValueError
            If the file holds something else.
        """
        with np.load(path, allow_pickle=False) as file:
            header = json.loads(str(file["header"])) if "header" in file else {}
            arrays = {name: file[name] for name in file.files if name != "header"}
        if header.pop("result", None) != cls.__name__:
            raise ValueError(f"path must be a file that {cls.__name__}.save wrote, got {path}")
        values: dict[str, Any] = {}
        for name, value in header.items():
            part = isinstance(value, Mapping) and "result" in value
            values[name] = _rebuilt(name, dict(value), arrays) if part else value
        return cls(**{**values, "sections": tuple(values["sections"])})


def _rebuilt(name: str, plain: dict[str, Any], arrays: Mapping[str, np.ndarray]) -> Result:
    kind = _KINDS[plain.pop("result")]
    own = {key.partition(".")[2]: array for key, array in arrays.items() if key.partition(".")[0] == name}
    return kind(**plain, **own)
