"""The tests of the adapters of third parties. Run by ``tox run -e third-parties``."""
