"""From plain values to self-contained pages: templates, and the explorer with its scripts."""
