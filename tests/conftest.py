"""Settings for all tests."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# The first example of a law may compile a kernel: no deadlines. Derandomised: a failure comes back in the next run.
settings.register_profile(
    "lyaplab", deadline=None, derandomize=True, max_examples=25, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("lyaplab")
