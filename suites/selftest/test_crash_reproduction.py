"""The search for the earlier checks that a crash needs, and the program that repeats them."""

from __future__ import annotations

from dataclasses import replace
from typing import Callable, Sequence

import pytest

from fixtures.case import Case
from fixtures.check import Check
from fixtures.observation import Lost
from fixtures.run.crash_reproduction import Budget, find_needed_checks, make_history
from fixtures.run.snippet_check import run_code
from fixtures.snippets.death_after_checks import join_programs

CASE = Case(1, (4, 3), 1, 1, (2, 2), (1, 1), (1, 1))
LAST = Check("forward", CASE, "eager")
BEFORE = [LAST.with_case(replace(CASE, size=(rows, 9))) for rows in range(1, 41)]
CRASH = Lost("crashed", "the process died of SIGSEGV", "")


def answers(dies: Callable[[set[int]], bool]) -> Callable[[Sequence[Check], Check], Lost | None]:
    """A process that dies if the numbers of the earlier checks meet the condition."""
    return lambda earlier, check: CRASH if dies({one.case.size[0] for one in earlier}) else None


def needed(dies: Callable[[set[int]], bool]) -> list[int] | None:
    """The numbers of the checks that are found."""
    budget = Budget()
    budget.start()
    found = find_needed_checks(BEFORE, LAST, answers(dies), budget)
    return None if found is None else [one.case.size[0] for one in found]


@pytest.mark.parametrize("numbers", [{40}, {1}, {17}, {3, 17}, {1, 40}, {5, 20, 21}])
def test_the_smallest_set_of_earlier_checks_is_found(numbers: set[int]) -> None:
    """The budget suffices for a few needed checks among forty."""
    assert set(needed(lambda earlier: earlier >= numbers) or ()) == numbers


def test_a_death_that_no_earlier_check_explains_is_not_explained() -> None:
    """None, and never a set that was not tried."""
    assert needed(lambda earlier: False) is None


def test_a_death_after_a_number_of_checks_needs_as_many() -> None:
    """Any twenty will do; the latest ones are found."""
    assert needed(lambda earlier: len(earlier) >= 20) == list(range(21, 41))


def test_a_search_without_budget_ends() -> None:
    """The processes of one search are counted."""
    budget = Budget(seconds=0.0)
    budget.start()
    assert find_needed_checks(BEFORE, LAST, answers(lambda earlier: True), budget) is None


def test_a_signal_of_others_reproduces_nothing() -> None:
    """A process that is killed during the search does not count as a death."""
    budget = Budget()
    budget.start()
    sent = replace(CRASH, sent_by_others=True)
    assert find_needed_checks(BEFORE, LAST, lambda earlier, check: sent, budget) is None


def test_a_row_keeps_a_bounded_number_of_earlier_checks() -> None:
    """The last hundred, and the number of all."""
    found = make_history(CRASH, BEFORE * 10, "alone")
    assert (len(found["before"]), found["earlier"]) == (100, 400)


def test_the_program_of_several_snippets_dies_as_the_process_did() -> None:
    """The last snippet ends well alone, and kills its process after the first; quotes and escapes stay as they are."""
    first = "import sys\ntext = '''a'''\nsys.made_before = '\\n' + text\n"
    last = "import os, sys\nif getattr(sys, 'made_before', '') == '\\na':\n    os.abort()\nprint('mismatch: no')\n"
    assert run_code(last, dies=True)[0] == "not shown"
    assert run_code(join_programs([first, last], 1), dies=True)[0] == "died"
