"""The page in a real browser; run by ``tox run -e browser``."""
