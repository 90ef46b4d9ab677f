"""Tests of the adapters of third parties; ``tox run -e third-parties`` runs them."""
