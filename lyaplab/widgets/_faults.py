"""What happens when something goes wrong in a widget: one readable line in it, and the picture stays."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Any

from lyaplab.errors import CellError, DivergenceError

__all__ = ["Faulty", "one_line"]

LONGEST = 300


class Faulty:
    """Shows exceptions of callbacks, which would be lost otherwise.

    A `print` or a traceback in a widget's callback goes nowhere; a learner would see a picture that
    has stopped moving. With LYAPLAB_RAISE=1, as in tests, exceptions are shown and raised.
    """

    error: BaseException | None = None
    """The exception that is shown, None when all is well."""

    def _complain(self, text: str | None) -> None:
        """Put the line into the widget; None takes it away."""

    @contextlib.contextmanager
    def reporting(self, *, clear: bool = False) -> Iterator[None]:
        """Show an exception of the block; with `clear`, a block that succeeds takes the line away."""
        try:
            yield
        except Exception as error:
            self._show_error(error)
            if os.environ.get("LYAPLAB_RAISE") == "1":
                raise
        else:
            if clear and self.error is not None:
                self._show_error(None)

    def guarded(self, action: Callable[..., None]) -> Callable[..., None]:
        """Wrap a callback so that its exceptions are shown."""

        def run(*arguments: Any) -> None:
            with self.reporting():
                action(*arguments)

        return run

    def _show_error(self, error: BaseException | None) -> None:
        self.error = error
        self._complain(None if error is None else one_line(error))

    def _job_failed(self, error: BaseException) -> None:
        """Take the exception of long work, on its own thread."""
        with self.reporting():
            raise error


def one_line(error: BaseException) -> str:
    """Put an exception into one readable line: our own errors speak for themselves.

    Examples
    --------
    >>> one_line(ValueError("r must be finite"))
    'r must be finite'
    >>> one_line(ZeroDivisionError("division by zero"))
    'Something went wrong in this widget: ZeroDivisionError: division by zero'
    """
    text = " ".join(str(error).split())
    own = isinstance(error, ValueError | CellError | DivergenceError)
    said = text if own and text else f"Something went wrong in this widget: {type(error).__name__}: {text}"
    return said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"
