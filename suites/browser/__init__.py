"""Tests of the page in a real browser; ``tox run -e browser`` runs them."""
