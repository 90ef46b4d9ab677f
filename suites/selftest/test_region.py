"""Tests of the search for the smallest predicate: its atoms, its exactness, and the words that messages share."""

from __future__ import annotations

from itertools import chain, combinations
from typing import Any, Sequence

import numpy as np
import pytest

from fixtures.cases.tiers import cases_of_tier
from fixtures.check import Check
from fixtures.deviations import evaluate_each, evaluate_when
from fixtures.deviations.suggest.atom_values import AtomEvaluations, AtomTable
from fixtures.deviations.suggest.conjunction import find_smallest_conjunction
from fixtures.deviations.suggest.messages import find_shared_words, words_to_group_refusals_by
from fixtures.deviations.suggest.predicates import Atom, atoms_about_lengths_of_case, atoms_on_one_axis, fixed_atoms
from fixtures.deviations.suggest.region import find_regions
from suites.selftest.many_values import for_each
from suites.selftest.sample_cause import evaluations_of_subject


def test_every_atom_has_a_value_on_every_case() -> None:
    """An atom that raised would end a run. The values of pairs follow from those of their conditions.

    These are among the atoms that are tried on each case, so a part of the pairs and of the cases is enough. It has
    negated pairs, cases of each rank, and cases with and without output_padding.
    """
    cases = list(cases_of_tier("smoke"))
    some = [*cases[::9], *(next(case for case in cases if case.rank == rank) for rank in (1, 2, 3))]
    assert {case.output_padding is None for case in some} == {True, False}
    pairs = list(dict.fromkeys([*atoms_on_one_axis()[::4], *atoms_about_lengths_of_case(cases[0])]))
    for atoms, among in ((list(fixed_atoms()), cases), (pairs, some)):
        evaluations = AtomEvaluations("keras3")
        columns = evaluations.holds(evaluations.number_atoms(atoms), evaluations.number_cases(among)).T
        for case, column in zip(among, columns):
            values = evaluate_each([atom.expression for atom in atoms], Check("forward", case, "eager"), "keras3")
            assert list(map(bool, values)) == column.tolist(), case.id
    assert len({atom.text for atom in (*fixed_atoms(), *pairs)}) == len(fixed_atoms()) + len(pairs)


class Given:
    """A table of atoms with given columns; the first entry of each column is the failing check."""

    def __init__(self, columns: np.ndarray, sizes: Sequence[int]) -> None:
        # An atom of a large size is cheap.
        self.atoms = [Atom("a%d" % place, 9 - 4 * size, size) for place, size in enumerate(sizes)]
        self.named: Sequence[str] = ()
        self._columns = dict(zip([atom.text for atom in self.atoms], columns))

    def common(self, inside: Sequence[int]) -> list[Atom]:
        """Return all atoms."""
        return self.atoms

    def columns(self, atoms: Sequence[Atom], among: Sequence[int]) -> np.ndarray:
        """Return the given columns of these atoms for the checks ``among``."""
        return np.array([self._columns[atom.text][list(among)] for atom in atoms], dtype=bool)


@for_each("seed", range(40))
def test_the_search_finds_the_smallest_conjunction(seed: int) -> None:
    """An exhaustive search finds none that is smaller, for up to four atoms of size 1 or 2."""
    chance, outside = np.random.RandomState(seed), 4 + seed % 9
    columns = np.concatenate([np.ones((9, 1), bool), chance.rand(9, outside) < 0.4 + 0.01 * seed], axis=1)
    truth: Any = Given(columns, [int(size) for size in chance.randint(1, 3, 9)])
    sets = chain.from_iterable(combinations(range(9), count) for count in range(1, 5))
    fitting = [chosen for chosen in sets if not columns[list(chosen), 1:].all(axis=0).any()]
    sizes = [sum(truth.atoms[place].size for place in chosen) for chosen in fitting]
    found = find_smallest_conjunction(truth, [0], range(1, outside + 1))
    assert (found is None) == (not sizes or min(sizes) > 6)
    if found is not None:
        assert sum(atom.size for atom in found) == min(sizes)
        assert not truth.columns(found, range(1, outside + 1)).all(axis=0).any()


@pytest.mark.parametrize(
    ("named", "found"), [((), ["a0", "a1"]), (("a2", "a3"), ["a2", "a3"]), (("a3",), ["a2", "a3"])]
)
def test_a_named_atom_is_preferred_among_conjunctions_of_one_size(named: Sequence[str], found: list[str]) -> None:
    """It is preferred even if other atoms exclude more checks."""
    excluded = np.array([[1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1]], dtype=bool)
    truth: Any = Given(np.concatenate([np.ones((4, 1), bool), ~excluded], axis=1), [1, 1, 1, 1])
    truth.named = named
    assert [atom.text for atom in find_smallest_conjunction(truth, [0], range(1, 5)) or ()] == found


def test_the_column_of_an_atom_equals_its_value_as_a_when_expression() -> None:
    """So a suggested entry covers the checks that the search saw."""
    checks = [Check("forward", case, mode) for case in list(cases_of_tier("smoke"))[::9] for mode in ("eager", "xla")]
    truth = AtomTable(checks, "keras3")
    atoms = [*fixed_atoms(), *truth.asking]
    for atom, column in zip(atoms, truth.columns(atoms)):
        values = [evaluate_when(atom.expression, one, "keras3") for one in checks]
        assert list(map(bool, values)) == column.tolist(), atom
    some = range(1, len(checks), 3)
    assert np.array_equal(truth.columns(atoms, some), truth.columns(atoms)[:, some])


def test_shared_words_are_the_longest_run_that_all_messages_have() -> None:
    """Text that frameworks add around a message is removed."""
    wrapped = "{{node a/%d}} Conv%dDOp only supports NHWC. [Op:Conv]"
    assert find_shared_words([wrapped % (1, 2), wrapped % (3, 3)]) == "only supports NHWC."
    assert find_shared_words(["one", "two three"]) == ""
    traced = (
        "Graph execution error:\n\nDetected at node a%d\n File 7, line 8\n\n"
        + wrapped[:-10]
        + "\n\t [[{{node a%d}}]] [Op:c]"
    )
    assert find_shared_words([traced % (1, 2, 3, 4), wrapped % (3, 2)]) == "only supports NHWC."
    rows = [
        {"suite": "forward", "observed": {"error": "E", "stage": stage, "message": message}}
        for stage, message in (("run", traced % (1, 2, 2, 2)), ("call", wrapped % (1, 3)))
    ]
    assert (
        words_to_group_refusals_by(rows[0]) == words_to_group_refusals_by(rows[1]) == "E ConvNDOp only supports NHWC."
    )


@pytest.mark.parametrize(
    "when",
    [
        "rules == ['R8'] and min(output_size) == 0 or rules == ['R8'] and max(strides) > 1",
        "compute_dtype == 'bfloat16' or max(dilation_rate) > 1 or rank == 3",
        "any(l > 0 and l % 2 for l in lost) and not any(l % 2 and s == 1 for l, s in zip(lost, strides))",
        "data_format == 'channels_first' and use_bias and 1 < filters == output_size[-1] and dtype != 'float64'",
        "variant == 'graph' and dtype == 'float64' or variant == 'eager' and use_bias",
    ],
)
def test_the_search_finds_a_predicate_for_a_given_region(when: str) -> None:
    """It may be written in another form, but holds for exactly the same checks."""
    modes = ("eager", "graph") if "variant" in when else ("eager",)
    drawn_checks = [
        Check("forward", case, mode) for case in list(cases_of_tier("smoke"))[:: len(modes)] for mode in modes
    ]
    failing = [bool(evaluate_when(when, one, "keras3")) for one in drawn_checks]
    checks = [one for one, fails in zip(drawn_checks, failing) if fails] + [
        one for one, fails in zip(drawn_checks, failing) if not fails
    ]
    count = sum(failing)
    (found,) = find_regions(
        AtomTable(checks, "keras3", evaluations_of_subject("keras3")), range(count), range(count, len(checks)), ()
    )
    values = [evaluate_when(found.when, one, "keras3") for one in checks]
    assert count > 0 and list(map(bool, values)) == [True] * count + [False] * (len(checks) - count), found.when
