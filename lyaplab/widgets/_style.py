"""All CSS of the widgets: the colours of both themes, then the sheets beside this file.

It travels in one HTML widget, :func:`style`, which every explorer puts among its children. There is
one such model in a kernel, however many widgets show it.
"""

from __future__ import annotations

import threading
from pathlib import Path

import ipywidgets

from lyaplab.drawing.palette import ROLES, themes

# A formula of a text names a role by its light colour, {\color{#c2410c}{F}}, which every renderer of TeX
# understands; in a dark page of JupyterLab its symbols then wear the role's dark colour.
_IN_FORMULAS = ("first", "second", "third", "start", "stable", "saddle", "unstable")


def _formulas() -> str:
    rules = []
    for role in (ROLES[name] for name in _IN_FORMULAS):
        red, green, blue = bytes.fromhex(role.light[1:])
        symbols = f"body[data-jp-theme-light='false'] mjx-container [style*='rgb({red}, {green}, {blue})']"
        rules.append(f"{symbols}{{color:{role.dark}!important}}")
    return "".join(rules)


_SHEETS = ("style.css", "controls.css", "school.css")

_PLAIN = "".join(Path(__file__).with_name(sheet).read_text(encoding="utf-8") for sheet in _SHEETS)

CSS = themes(".lyap") + _formulas() + _PLAIN

_lock = threading.Lock()
_shared: ipywidgets.HTML | None = None


def style() -> ipywidgets.HTML:
    """Give the one widget that carries the CSS; put it among the children of whatever is displayed.

    Never close it: other widgets show it too. Where somebody closed all widgets, a new one is made.

    Returns
    -------
    ipywidgets.HTML

    Examples
    --------
    >>> style() is style()
    True
    """
    global _shared
    with _lock:
        # `Widget.close_all()` leaves the object behind without its comm
        if _shared is None or getattr(_shared, "comm", None) is None:
            _shared = ipywidgets.HTML(f"<style>{CSS}</style>", layout=ipywidgets.Layout(display="none"))
        return _shared
