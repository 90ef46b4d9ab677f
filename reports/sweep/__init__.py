"""Sweeps: the shards of cells as tasks of Dask, on this machine or on several.

``plan.py`` says which tasks there are and which are done, ``attempt.py`` runs one on a worker, ``driver.py`` hands them
out. ``python -m reports.sweep`` is the command.
"""
