"""The fixtures that several modules of selftests use."""

from __future__ import annotations

import atexit
import gc
import multiprocessing
from typing import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fixtures.cases.strategies  # noqa: F401  # loads the Hypothesis profile of the CI
from fixtures.cases.tiers import cases_of_tier
from fixtures.run import child_process
from suites.selftest.fork_server import ForkServer


@pytest.fixture(scope="session", autouse=True)
def _fork_children() -> Iterator[None]:
    """Start the child processes of the tests by forking, where that is possible."""
    with pytest.MonkeyPatch.context() as patch:
        if "forkserver" in multiprocessing.get_all_start_methods():
            patch.setattr(child_process, "start_method", ForkServer())
        yield


@pytest.fixture(scope="session")
def case_option(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a ``--case`` option for 17 computed and refused cases."""
    path = tmp_path_factory.mktemp("cases") / "few.txt"
    path.write_text("\n".join(case.id for case in list(cases_of_tier("smoke"))[70:120:3]), encoding="utf-8")
    return "--case=@%s" % path


@given(st.none())
def _let_hypothesis_register_numpy(_: None) -> None:
    """Run one example, so that Hypothesis registers NumPy's random numbers.

    On Python 3.7 it first searches for a reference to them, and the garbage collector shows none that is frozen.
    """


@pytest.hookimpl(hookwrapper=True)
def pytest_collection() -> Iterator[None]:
    """Leave the thousands of collected tests out of garbage collections, and collect less often.

    Collections took a twentieth of the time, and later, for what tests keep for others, a twenty-fifth.
    """
    gc.disable()
    try:
        yield
    finally:
        _let_hypothesis_register_numpy()
        gc.freeze()
        gc.set_threshold(10000, 10, 50)
        atexit.register(gc.unfreeze)  # modules such as DuckDB's complain at the end of what is not collected
        gc.enable()
