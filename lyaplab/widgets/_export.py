"""Taking a widget's picture away: as a link, as code, as a file, and as a face without a kernel."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

from lyaplab.errors import unknown
from lyaplab.widgets import _link
from lyaplab.widgets._faults import Faulty
from lyaplab.widgets._palette import Theme
from lyaplab.widgets._stage import Stage
from lyaplab.widgets._state import Stateful
from lyaplab.widgets._still import to_csv, to_png, to_svg
from lyaplab.widgets._system import System

__all__ = ["Portable"]


class Portable(Stateful, Faulty):
    """A widget that can be taken away; its stages hold the picture, its system the model."""

    title: ClassVar[str]
    stages: tuple[Stage, ...]
    _system: System

    def settle(self) -> None:
        """Draw what is pending before returning."""
        raise NotImplementedError

    def describe(self) -> str:
        """Say in words what the picture shows."""
        raise NotImplementedError

    def _code(self) -> str:
        raise NotImplementedError

    def link(self) -> str:
        """Write the whole state as a text that `ll.open` turns into this widget again.

        Raises
        ------
        ValueError
            When the system is the learner's own cell or has own weights that no knob holds: those
            do not fit a link; the message says how to keep them.

        Examples
        --------
        >>> import lyaplab as ll
        >>> view = ll.Cobweb("logistic", r=3.5)
        >>> ll.open(view.link()).r
        3.5
        """
        self._system.must_fit_link(self._knob_values())
        return _link.encode(self.state)

    def code(self) -> str:
        """Write Python that makes the picture's numbers from lyaplab and NumPy alone.

        Examples
        --------
        >>> import lyaplab as ll
        >>> print(ll.Cobweb("logistic", r=3.5).code())  # doctest: +ELLIPSIS
        import numpy as np
        import lyaplab as ll
        ...
        """
        self.settle()  # what is written down is what is shown
        lines = ["import numpy as np", "import lyaplab as ll", "", self._system.code(self._knob_values())]
        return "\n".join(lines) + "\n" + self._code().strip() + "\n"

    def save(self, path: str | Path, *, theme: Theme = "light") -> Path:
        """Write the picture (.svg, .png) or its numbers (.csv) to a file.

        Parameters
        ----------
        path : str or Path
            Its ending says what is written.
        theme : {"light", "dark"}, optional
            Colours of the picture.

        Returns
        -------
        Path

        Raises
        ------
        ValueError
            When the ending is none of the three.
        """
        path = Path(path)
        path.write_bytes(self._file(path.suffix.lstrip("."), theme))
        return path

    def _file(self, ending: str, theme: Theme = "light") -> bytes:
        writers: dict[str, Callable[[Sequence[Any]], bytes]] = {
            "svg": lambda scenes: to_svg(scenes, theme=theme, title=self.title, description=words).encode(),
            "png": lambda scenes: to_png(scenes, theme=theme),
            "csv": lambda scenes: to_csv(scenes).encode(),
        }
        if ending not in writers:
            raise unknown("ending of a file", ending, writers)
        words = self.describe()  # draws what is pending
        return writers[ending]([stage.scene() for stage in self._still_stages()])

    def _still_stages(self) -> Sequence[Stage]:
        """Choose the stages that a still picture shows."""
        return self.stages

    def _files(self) -> dict[str, bytes]:
        name = self.title.lower().replace(" ", "-")
        return {f"{name}.{ending}": self._file(ending) for ending in ("svg", "png", "csv")}

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any] | None:
        """Lay a still picture and its words beside the live view, for places without a kernel."""
        bundle = super()._repr_mimebundle_(**options)
        if bundle is None:
            return None
        with self.reporting():  # a still that cannot be drawn must not cost the live view
            bundle["text/plain"] = self.describe()
            bundle["image/png"] = base64.b64encode(self._file("png")).decode()
        return bundle
