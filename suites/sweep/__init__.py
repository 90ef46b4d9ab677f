"""Tests of sweeps with Dask, on loopback and with a stand-in for pytest; ``tox run -e selftest-sweep`` runs them."""
