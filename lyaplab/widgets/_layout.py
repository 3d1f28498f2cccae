"""The card that every widget sits in: title, figures, controls, the error line, the words, the menu."""

from __future__ import annotations

import html
from collections.abc import Sequence

import ipywidgets as W

from lyaplab.widgets._style import style

__all__ = ["Card"]

# ipywidgets has no ARIA attributes. An element that is to be a live region must stay while its text
# changes, so the attributes belong on the view's own element, which only script can reach; where a
# page forbids inline script, the role on the inner element is what remains. The same touch names the
# figures and the slider handles, which neither bqplot nor ipywidgets do.
_TOUCH = (
    "const c=this.parentElement;if(!c)return;"  # newer words have come meanwhile
    "const r=c.closest('.lyap-explorer'),t=c.innerText.trim();this.remove();"
    "c.setAttribute('aria-live','polite');c.setAttribute('role','status');"
    "if(r){r.setAttribute('role','group');r.setAttribute('aria-label',r.querySelector('.lyap-head b').innerText);"
    "r.querySelectorAll('.lyap-figure').forEach(f=>{f.setAttribute('role','img');f.setAttribute('aria-label',t)});"
    "r.querySelectorAll('.lyap-knob').forEach(k=>{const h=k.querySelector('.noUi-handle'),l=k.querySelector('label');"
    "if(h&&l)h.setAttribute('aria-label',l.innerText+', slider')})}"
)


class Card:
    """Arrange a widget's parts, each at the place where every widget has it.

    Parameters
    ----------
    title, sentence : str
        What stands on top.
    figures, controls : sequence of Widget
        Left and right; one below the other where the card is narrow.
    foot : sequence of Widget
        Below the words: the menu.
    words : bool
        Whether the description is visible; for screen readers it is always there.
    """

    def __init__(
        self,
        title: str,
        sentence: str,
        figures: Sequence[W.Widget],
        controls: Sequence[W.Widget],
        foot: Sequence[W.Widget] = (),
        *,
        words: bool = True,
    ) -> None:
        head = W.HTML(f"<b>{html.escape(title)}</b> &ensp;{sentence}")
        head.add_class("lyap-head")
        self.error = W.HTML()
        self.error.add_class("lyap-error")
        self.words = W.HTML()
        self.words.add_class("lyap-words" if words else "lyap-hidden-words")
        left, right = W.VBox(list(figures)), W.VBox(list(controls))
        left.add_class("lyap-figures")
        right.add_class("lyap-controls")
        body = W.HBox([left, right] if controls else [left])
        body.add_class("lyap-body")
        self.children = [style(), head, self.error, body, self.words, *foot]

    def say(self, text: str) -> None:
        """Put the description into the live region, from where screen readers read it politely."""
        inner = f"<div role='status'>{html.escape(text)}</div>"
        self.words.value = inner + f'<img hidden alt="" src="data:," onerror="{html.escape(_TOUCH)}">'

    def complain(self, text: str | None) -> None:
        """Show one line about what went wrong; None takes it away."""
        self.error.value = "" if text is None else f"<div class='lyap-error-box' role='alert'>{html.escape(text)}</div>"
