"""The questions of lesson 00: one exercise and one prediction, to learn how they work."""

from __future__ import annotations

import numpy as np

from lyaplab.school import Close, Exercise, Help, Look, Misconception, Plan, Prediction

second = Exercise(
    "second",
    "The state after two steps",
    points=1,
    stub="second = ...   # to three decimals; w = 0.5, and the unit starts at 0.8",
    solution="first = np.tanh(0.5 * 0.8)\nsecond = np.tanh(0.5 * first)",
    reference=float(np.tanh(0.5 * np.tanh(0.4))),
    checks=[Close(1e-3)],
    misconceptions=[
        Misconception(
            "no squashing",
            0.2,
            "You multiplied by the weight twice, as the unit does, but squashed nothing. What happens to each product?",
            Look(
                "The curve bends: it is not a straight line of slope 0.5. Follow the second bounce.",
                "Cobweb",
                {"params": {"w": 0.5, "b": 0.0}, "view": {"x0": 0.8, "steps": 2}},
            ),
        ),
        Misconception(
            "one step only",
            float(np.tanh(0.4)),
            "That is the state after one step. It is the input of the next one.",
        ),
        Misconception(
            "no weight",
            float(np.tanh(np.tanh(0.8))),
            "You squashed twice, as the unit does, but nothing was multiplied. Where does the weight 0.5 come in?",
        ),
        Misconception(
            "three steps",
            float(np.tanh(0.5 * np.tanh(0.5 * np.tanh(0.4)))),
            "That is one step too many. The start, 0.8, is the state after no step at all.",
        ),
        Misconception(
            "the start weighed only once",
            float(np.tanh(np.tanh(0.4))),
            "The first step is right. The second one needs the weight again.",
        ),
    ],
    help=Help(
        nudge="One step is `np.tanh(0.5 * h)`. What is `h` in the second one?",
        look=Look(
            "Two steps from 0.8, in the widget above. The last state stands in the words below the picture.",
            "Cobweb",
            {"params": {"w": 0.5, "b": 0.0}, "view": {"x0": 0.8, "steps": 2}},
        ),
        step="The first step gives tanh(0.5 · 0.8) = tanh(0.4) = 0.380. Now apply the same to 0.380.",
    ),
)

PLAN = Plan(
    "How these lessons work",
    minutes=10,
    version="1",
    exercises=[second],
    predictions=[
        Prediction(
            "fade",
            "The weight is 0.5 and the unit starts at 0.8. Where does it go?",
            options=("to 0", "to 0.5", "it stays at 0.8"),
            truth="to 0",
            explain="To 0: each step makes the state less than half of what it was.",
        ),
    ],
)
