"""What the server of forked processes imports and computes once, before it forks the first one."""

from __future__ import annotations

import gc

import conftest  # noqa: F401  # with pytest, and all that a run needs
import fixtures.frameworks.numpy_layer
import fixtures.run.worker  # noqa: F401
import suites.catalog  # noqa: F401
from fixtures.cases.quick import quick_cases
from fixtures.deviations import read_deviations
from fixtures.hardware.processor import read_processor

read_processor()
read_deviations()
list(quick_cases())  # the order of every run begins with the checks of the quick tier
gc.freeze()  # the garbage collections of forked processes leave all this out
