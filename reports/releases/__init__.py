"""Releases of Keras and its backends: which are published, and in which of them a check begins to fail."""
