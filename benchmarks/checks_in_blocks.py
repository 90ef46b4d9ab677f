"""A pytest plugin with which a run of named checks has blocks as items: ``pytest -p benchmarks.checks_in_blocks``.

A run of the tier full has such items. With the plugin, the same checks can be measured with and without blocks.
"""

from __future__ import annotations

from functools import lru_cache

from fixtures.case import Case
from fixtures.cases.drawn_blocks import DrawnTier
from fixtures.run.options import Run


@lru_cache(maxsize=1)
def _blocks_of_cases(cases: tuple[Case, ...]) -> DrawnTier:
    """Return a tier without draws that has these cases."""
    tier = DrawnTier("full", 0)
    tier.listed = cases
    tier.blocks_of_listed = -(-len(cases) // tier.size)
    return tier


Run.drawn_tier = property(lambda run: _blocks_of_cases(tuple(run.cases)))  # type: ignore[assignment, method-assign]  # the point of this plugin
