"""The eigenvalues of a large network in the complex plane: at rest, and along the orbit."""

from __future__ import annotations

import numpy as np

from lyaplab.theory import circular_law
from lyaplab.widgets._eigenplane import is_shrinking, mark_stability, show_stability
from lyaplab.widgets._parting import HEIGHT, WIDTH
from lyaplab.widgets._scene import plot_size
from lyaplab.widgets._stage import Axis, Stage
from lyaplab.widgets._transition import Complex, Portrait

__all__ = ["CloudPlane", "growing"]

# Half the height of the plane: a few sizes, so that it stands still while a gain is turned.
_REACHES = (1.35, 1.7, 2.2, 2.8, 3.6, 4.8, 6.4, 9.0, 13.0, 20.0, 30.0)
# From so many units on, marks are smaller.
_MANY = 200
# The plane is this much higher than what it has to hold.
_ROOM = 1.08


class CloudPlane:
    """A stage with all eigenvalues, the region of stability, and the disc that the circular law says.

    Parameters
    ----------
    flow : bool
        The eigenvalues are those of the vector field then: the disc's middle is -1, and what counts is the sign of
        the real part.
    """

    def __init__(self, *, flow: bool) -> None:
        self.flow = flow
        x, y = (Axis(label, -1.5, 1.5, always=() if flow else (-1.0, 1.0)) for label in ("Re μ", "Im μ"))
        self.stage = stage = Stage(x=x, y=y, width=WIDTH, height=HEIGHT, equal=True)
        mark_stability(stage, flow=flow)
        stage.line("law", role="second", label="circular law", width=1.8, dashed=True, table=False)
        stage.dots("rest", role="second", label="W − 1: at rest" if flow else "W: at rest", size=4.0)
        stage.dots("along", role="start", label="J at time t" if flow else "J at step t", size=6.0, crosses=True)

    def show(self, portrait: Portrait) -> None:
        """Show the eigenvalues of a portrait; what is not known yet is left out."""
        gain = portrait.gain
        middle = -1.0 if self.flow else 0.0
        clouds = [cloud for cloud in (portrait.at_rest, portrait.along) if cloud is not None]
        farthest = max([1.0, gain, *(float(np.abs(cloud - middle).max()) for cloud in clouds)])
        reach = next((size for size in _REACHES if size > _ROOM * farthest), _ROOM * farthest)
        across, down = plot_size(WIDTH, HEIGHT)
        law = circular_law(gain).outline()
        with self.stage.redraw() as stage:
            wide = reach * across / down
            stage.limits(x=(middle - wide, middle + wide), y=(-reach, reach))
            show_stability(stage, flow=self.flow)
            stage.show("law", law[0] + middle, law[1])
            fine = portrait.asked.model.d > _MANY
            for name, cloud, size in (("rest", portrait.at_rest, 4.0), ("along", portrait.along, 6.0)):
                values = np.empty(0, complex) if cloud is None else cloud
                stage.show(name, values.real, values.imag, size=0.6 * size if fine else size)


def growing(eigenvalues: Complex, *, flow: bool) -> int:
    """Count the eigenvalues outside the region of stability.

    Examples
    --------
    >>> growing(np.array([0.5, 1.5 + 0j]), flow=False), growing(np.array([0.5, -1.5 + 0j]), flow=True)
    (1, 1)
    """
    return int((~is_shrinking(eigenvalues, flow=flow)).sum())
