"""Predict first: a question whose experiment opens when an answer is committed."""

from __future__ import annotations

import contextlib
import html
from typing import Any

import ipywidgets as W

from lyaplab.school.predict import Gate
from lyaplab.school.style import words
from lyaplab.widgets import _live
from lyaplab.widgets._closing import close_tree
from lyaplab.widgets._controls import button
from lyaplab.widgets._schedule import LatestWins
from lyaplab.widgets._sketch import Sketch
from lyaplab.widgets._state import Stateful
from lyaplab.widgets._style import style

__all__ = ["PredictGate"]

KEEP_APART = 2.0
"""Seconds between two writes of a widget's state to the progress file."""


class PredictGate(W.VBox):
    """The view of a school's Gate: the question, a way to answer, and what opens afterwards.

    Before the commitment neither the experiment nor the explanation is on the page at all. After it
    the experiment opens; the explanation waits behind a button, so that one looks first.

    Parameters
    ----------
    gate : Gate
        What holds the question and the commitment.
    then : Widget, optional
        The experiment. The state of an explorer is kept beside the prediction and found again.

    Examples
    --------
    >>> from lyaplab.school.predict import Gate, Prediction
    >>> view = PredictGate(Gate(Prediction("rest", "Where?", options=("at 0", "at 1"), truth="at 1")), W.Label("there"))
    >>> view.commit()
    >>> view.gate.committed, len(view.body.children)
    (False, 0)
    >>> view.answer.value = "at 1"
    >>> view.commit()
    >>> view.gate.committed, len(view.body.children) > 0
    (True, True)
    >>> view.close()
    """

    def __init__(self, gate: Gate, then: Any = None) -> None:
        self.gate, self.then = gate, then
        self.answer = self._answer()
        self.go = button("Commit prediction", self.commit, name="commit")
        self.status = W.HTML()
        self._say(self._invitation())
        question = W.HTML(f"<div class='lyap-question'>{words(gate.question)}</div>")
        row = W.HBox([self.go, self.status])
        row.add_class("lyap-row")
        ask = W.VBox([question, self.answer, row])
        ask.add_class("lyap-ask")
        self.body = W.VBox()
        self.explanation = W.HTML()
        self._keeping: LatestWins | None = None
        super().__init__([style(), ask, self.body])
        for name in ("lyap", "lyap-gate"):
            self.add_class(name)
        if then is not None:
            _live.wait(then)
        self._source().observe(lambda _: self._say(self._invitation()), "value")
        if gate.committed:
            self._restore()
            self._open()

    def _source(self) -> W.Widget:
        """What takes the answer: a change of it takes an old complaint away."""
        if isinstance(self.answer, Sketch):
            return self.answer.typed
        return self._number() if self.gate.kind == "number" else self.answer

    def _invitation(self) -> str:
        return "The experiment opens when you have committed." if self.then is not None else ""

    def _answer(self) -> W.Widget:
        gate = self.gate
        if gate.kind == "choice":
            options = W.ToggleButtons(options=gate.options, value=None, description="answer")
            options.style.button_width = "auto"
            options.add_class("lyap-options")
            return options
        if gate.kind == "number":
            hint = f"a number from {gate.low:g} to {gate.high:g}"
            number = W.Text(placeholder=hint, description="answer", tooltip=hint)
            number.on_msg(self._entered)
            return W.HBox([number, W.HTML(html.escape(gate.unit))]) if gate.unit else number
        return Sketch(domain=gate.domain, low=gate.low, high=gate.high, labels=gate.labels)

    def _given(self) -> Any:
        """What the learner has put in, in the words of `Gate.commit`."""
        if self.gate.kind == "number":
            return self._number().value.strip().replace(",", ".").replace("−", "-")
        return self.answer.value

    def _number(self) -> W.Text:
        return self.answer if isinstance(self.answer, W.Text) else self.answer.children[0]

    def commit(self) -> None:
        """Commit what is put in, as the button does; an empty answer is kindly refused."""
        if self.gate.committed:
            return
        given = self._given()
        if given is None or given == "":
            self._say("Make a prediction first: a wrong one teaches as much as a right one.")
            return
        verdict = self.gate.commit(given)
        if not verdict.kept:
            self._say(verdict.text)
            return
        self._open()

    def _entered(self, _: W.Widget, content: dict[str, Any], buffers: Any) -> None:
        """Take Enter in the number's field for the button."""
        if content.get("event") == "submit":
            self.commit()

    def _restore(self) -> None:
        """Show the prediction that was committed before."""
        value = self.gate.value
        if self.gate.kind == "choice":
            self.answer.value = value
        elif self.gate.kind == "number":
            self._number().value = f"{value:g}"
        else:
            self.answer.put(value)

    def _open(self) -> None:
        """Lock the answer and open the experiment; the button keeps its focus, only its word changes."""
        if isinstance(self.answer, Sketch):
            self.answer.lock()
        elif isinstance(self.answer, W.ToggleButtons):
            self.answer.disabled = True
        else:
            self._number().disabled = True
        self.go.description = "Committed"
        self.go.add_class("lyap-done")
        self._say("✓ Prediction kept. Now look.", kept=True)
        if self.then is None:
            self.explain()
            self.body.children = (self.explanation,)
            return
        _live.reveal(self.then)
        self._keep_state()
        compare = button("Compare with your prediction", self.explain, name="compare")
        self.body.children = (self.then, compare, self.explanation)

    def explain(self) -> None:
        """Say what the prediction came to, and why; nothing before the commitment."""
        verdict = self.gate.verdict
        if verdict is None:
            return
        truth = self.gate.truth
        if truth is not None and isinstance(self.answer, Sketch):
            self.answer.reveal(*truth)
        lines = [verdict.text, self.gate.explain]
        body = "".join(f"<p>{words(line)}</p>" for line in lines if line)
        self.explanation.value = f"<div class='lyap-explain' role='status'>{body}</div>"

    def _say(self, text: str, *, kept: bool = False) -> None:
        name = "lyap-kept" if kept else "lyap-note"
        self.status.value = f"<span class='{name}' role='status'>{words(text)}</span>"

    def _keep_state(self) -> None:
        """Find the experiment's last state again, and keep it from now on."""
        view = self.then
        if not isinstance(view, Stateful):
            return
        kept = self.gate.progress.state(self.gate.key)
        if kept is not None:
            # a state of an older version of the lesson is left: the widget opens as the lesson says
            with contextlib.suppress(TypeError, ValueError):
                view.state = kept
        self._keeping = LatestWins(
            lambda coarse: self.gate.progress.keep_state(self.gate.key, view.state), frame=KEEP_APART
        )
        view.observe(self._state_moved, "state")

    def _state_moved(self, change: dict[str, Any]) -> None:
        if self._keeping is not None:
            self._keeping.request()

    def close(self) -> None:
        """Close the gate; the experiment, which is somebody else's, stays open."""
        if self.comm is None:
            return
        if self._keeping is not None:
            self.then.unobserve(self._state_moved, "state")
            self._keeping.flush()
            self._keeping.close()
        self.body.children = ()
        if isinstance(self.answer, Sketch):
            self.answer.stage.close()
        close_tree(self, keep=(style(),))
