r"""The school: exercises that ask, checks that answer, progress that is remembered. Headless: it shows no widgets.

A lesson is a folder with `lesson.md` (its text), `exercises.py` (its questions) and `guide.md` (for the instructor).
`exercises.py` ends with one `PLAN`. An exercise is one entry in it:

>>> import numpy as np
>>> from lyaplab.school import Close, Exercise, Help, Look, Misconception, Plan, Property, judge, plain_answer
>>> slope = Exercise(
...     "slope",                                   # the variable that the learner fills and the check names
...     "The slope at the origin",
...     points=2,
...     stub="slope = ...   # F'(0) of F(h) = tanh(1.5 h)",
...     solution="slope = 1.5",
...     reference=1.5,                             # or a function without arguments
...     checks=[Close(1e-3)],                      # the tolerance is shown to the learner
...     misconceptions=[
...         Misconception("forgot the chain rule", 1.0, "That is the slope of tanh alone. What is inside it?"),
...     ],
...     help=Help(
...         nudge="How fast does the inside change when `h` does?",
...         look=Look("Set w to 1.5 and watch the curve at the origin.", "Cobweb", {"params": {"w": 1.5}}),
...         step="tanh'(0) = 1, and by the chain rule it is multiplied by the slope of the inside.",
...     ),
... )

Where the answer is a function, `draw` makes random arguments, and every check is made on each of `times` instances:

>>> growth = Exercise(
...     "growth",
...     "The slope anywhere",
...     points=3,
...     stub="def growth(w, h):\n    ...",
...     solution="def growth(w, h):\n    return w * (1 - np.tanh(w * h) ** 2)",
...     draw=lambda rng: (rng.uniform(0.5, 2), rng.uniform(-1, 1)),
...     reference=lambda w, h: w * (1 - np.tanh(w * h) ** 2),
...     checks=[Close(1e-9), Property("the slope is not negative", lambda value, w, h: value >= 0)],
...     misconceptions=[
...         Misconception("no chain rule", lambda w, h: 1 - np.tanh(w * h) ** 2, "How fast does the inside change?"),
...     ],
... )
>>> plan = Plan("Fixed points", minutes=45, version="1", exercises=[slope, growth])

What came is turned into plain data, which a pure judge turns into points and a hint:

>>> data = plain_answer(slope, 1.0, seed=0)
>>> data["answer"]
{'kind': 'number', 'value': 1.0}
>>> judge(slope, data).hint
'That is the slope of tanh alone. What is inside it?'
>>> judge(growth, plain_answer(growth, lambda w, h: w / np.cosh(w * h) ** 2, seed=0))
Result(growth: 3 of 3 points, right)
"""

from __future__ import annotations

from lyaplab.school.build import build_lessons, build_notebook, stale_lessons
from lyaplab.school.checks import Check, Close, Order, Shape, Sign
from lyaplab.school.choices import OneOf, Property
from lyaplab.school.exercise import Exercise, Help, Look, Misconception
from lyaplab.school.grade import Score, check_notebook
from lyaplab.school.judge import judge
from lyaplab.school.lessons import Lesson, lesson, lesson_folders
from lyaplab.school.plan import Plan
from lyaplab.school.predict import Gate, Prediction
from lyaplab.school.progress import Progress
from lyaplab.school.result import Result
from lyaplab.school.watch import plain_answer

__all__ = [
    "Check", "Close", "Exercise", "Gate", "Help", "Lesson", "Look", "Misconception", "OneOf", "Order", "Plan",
    "Prediction", "Progress", "Property", "Result", "Score", "Shape", "Sign", "build_lessons", "build_notebook",
    "check_notebook", "judge", "lesson", "lesson_folders", "plain_answer", "stale_lessons",
]  # fmt: skip
