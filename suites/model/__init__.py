"""Tests of the command ``model`` with a framework, which the environment ``latest`` has."""
