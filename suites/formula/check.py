"""The checks of a version's own length functions: every padding, unknown lengths, refusals (rules S1 to S6, C10)."""

from __future__ import annotations

from itertools import product
from typing import Any, Callable, Iterator, Sequence

from fixtures.case import Case
from fixtures.cases.contract import PLAIN
from fixtures.check import Check
from fixtures.compare.facts import settle
from fixtures.compare.verdict import Verdict
from fixtures.frameworks.keras_interface import Formula, Layered
from fixtures.frameworks.probe import attempt
from fixtures.oracle.shape import output_length

CLAIM = "inferred-shape"


def points(padding: str) -> Iterator[tuple[int | None, int, int, str, int | None, int]]:
    """Yield (n, k, s, padding, o, d) for small numbers."""
    for n, k, s, d in product((1, 2, 3, 4, 5, 7, 20, 64), range(1, 8), range(1, 6), range(1, 4)):
        for o in (None, *range(s)):
            yield n, k, s, padding, o, d


def _lengths(padding: str) -> Callable[[Formula], Verdict]:
    def asked(formula: Formula) -> Verdict:
        wrong, count = [], 0
        for n, k, s, _, o, d in points(padding):
            count += 1
            want, got = output_length(n, k, s, padding, o, d), formula.length(n, k, s, padding, o, d)
            if want != got:
                wrong.append((n, k, s, padding, o, d, want, got))
        return _verdict(formula, wrong, count)

    return asked


def _verdict(formula: Formula, wrong: list[tuple[Any, ...]], count: int) -> Verdict:
    seen = {"function": formula.name, "points": count, "differ": len(wrong)}
    if not wrong:
        return Verdict("agree", CLAIM, {"points": count}, seen, (CLAIM,))
    *point, want, got = wrong[0]
    told = dict(zip(("n", "k", "s", "padding", "o", "d"), point))
    return Verdict("mismatch", CLAIM, {**told, "length": want}, {"length": str(got), **seen}, (CLAIM,))


def _unknown(formula: Formula) -> Verdict:
    """Check that an unknown length stays unknown."""
    asked = [
        (None, k, s, padding, o, 1) for padding in ("valid", "same") for k in (1, 4) for s in (1, 3) for o in (None, 0)
    ]
    told = [(*point, None, formula.length(*point)) for point in asked]
    return _verdict(formula, [point for point in told if point[-1] is not None], len(asked))


def _refuses(formula: Formula) -> Verdict:
    """Check that an unknown padding is refused; any answer is wrong."""
    asked = [(4, 3, 2, padding, None, 1) for padding in ("causal", "explicit", "")]
    wrong = []
    for point in asked:
        try:
            wrong.append((*point, "an error", formula.length(*point)))
        except (ValueError, TypeError, AssertionError, KeyError):
            continue
    return _verdict(formula, wrong, len(asked))


VARIANTS: dict[str, Callable[[Formula], Verdict]] = {
    "lengths.valid": _lengths("valid"),
    "lengths.same": _lengths("same"),
    "lengths.full": _lengths("full"),
    "lengths.unknown": _unknown,
    "lengths.refused": _refuses,
}


def variants(case: Case) -> Sequence[str]:
    """Return all variants for the plain case only, so that each runs once."""
    return tuple(VARIANTS) if case == PLAIN else ()


def run(check: Check, subject: Layered, device: str) -> Verdict:
    """Compare the length function of the subject with the formula."""
    variant = check.variant
    got = attempt(
        subject,
        device,
        lambda stage: VARIANTS[variant](subject.formula("full" if "full" in variant else "valid")),
    )
    return settle(got, CLAIM, {"points": "all"}, lambda verdict: verdict)
