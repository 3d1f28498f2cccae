"""Many networks: one row for each of a grid, on processes of this machine or on any executor, saved as they come."""

from __future__ import annotations

from lyaplab.sweeps.measuring import iter_sweep, sweep
from lyaplab.sweeps.processes import Processes
from lyaplab.sweeps.table import Sweep

__all__ = ["Processes", "Sweep", "iter_sweep", "sweep"]
