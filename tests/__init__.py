"""The tests of lyaplab: they mirror the package."""
