"""Releases of Keras and its backends: which are published, and since which of them a check fails."""
