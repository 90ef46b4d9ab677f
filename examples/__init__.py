"""Models after the literature, for the command ``model``."""
