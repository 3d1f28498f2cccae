"""Views: every widget, and `open`, which turns a link back into one.

A widget is a file of this folder whose name has no underscore in front; it is imported when it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import lyaplab
from lyaplab.engine import result as views
from lyaplab.school import predict, result

__all__ = ["WIDGETS", "open"]

# Every widget and its module: what a link may name.
WIDGETS = lyaplab.WIDGETS


def open(link: str) -> Any:  # noqa: A001  (the public name is ll.open)
    """Open a link that a widget's `link()` has written.

    Parameters
    ----------
    link : str
        Text that begins with ``lyaplab:v1:``.

    Returns
    -------
    Explorer
        The widget, in the state of the link.

    Raises
    ------
    TypeError, ValueError
        When it is no link, is damaged, or names a widget, a cell or a value that does not exist.

    Examples
    --------
    >>> import lyaplab as ll
    >>> view = ll.Cobweb("tanh", w=2.0, x0=0.3)
    >>> again = ll.open(view.link())
    >>> again.w, again.x0
    (2.0, 0.3)
    """
    from lyaplab.errors import unknown
    from lyaplab.widgets._link import decode

    state = decode(link)
    name = state["widget"]
    if name not in WIDGETS:
        raise unknown("widget", name, WIDGETS)
    return __getattr__(name).from_state(state)


def _panel(result_: Any) -> Any:
    from lyaplab.widgets._panel import panel_of

    return panel_of(result_)


def _gate(gate: Any, then: Any) -> Any:
    from lyaplab.widgets._gate import PredictGate

    return PredictGate(gate, then)


def _result_view(shown: Any) -> Any:
    from lyaplab.widgets._results import result_view

    return result_view(shown)


# Numerics know no widgets: `Result.show()` comes here.
views.view_factory = _result_view
# The school is headless: it shows panels and gates only where widgets have been imported.
result.panel_factory = _panel
predict.gate_factory = _gate


def __getattr__(name: str) -> Any:
    if name not in WIDGETS:
        raise AttributeError(f"module 'lyaplab.widgets' has no attribute {name!r}")
    return getattr(import_module(f"lyaplab.{WIDGETS[name]}"), name)
