"""Compares surviving mutants with the list of equivalent mutants, which no test can detect."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Container, Iterable, Sequence

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FILE = Path(__file__).with_name("equivalent.toml")
KILLED, TIMEOUT, SURVIVED = "killed", "timeout", "survived"


@dataclass(frozen=True)
class Mutant:
    """A changed module: its name, the function, the lines before and after, the operator, and the whole text."""

    module: str
    function: str
    before: str
    after: str
    operator: str
    text: str = field(repr=False)


@dataclass(frozen=True)
class Result:
    """The result of a mutant: killed, timeout or survived; the test that failed; the seconds it took."""

    mutant: Mutant
    status: str
    by: str
    seconds: float


@dataclass(frozen=True)
class Equivalent:
    """An entry for a mutant that behaves as the original, with the reason; its changed lines identify it."""

    module: str
    function: str
    before: str
    after: str
    reason: str

    def describes(self, mutant: Mutant) -> bool:
        """Return whether the entry is about this mutant; white space in the lines is ignored."""
        return (self.module, self.function, _without_layout(self.before), _without_layout(self.after)) == (
            mutant.module,
            mutant.function,
            _without_layout(mutant.before),
            _without_layout(mutant.after),
        )


def _without_layout(text: str) -> str:
    """Return the text without white space."""
    return "".join(text.split())


def read_equivalent_mutants(path: Path, modules: Container[str]) -> list[Equivalent]:
    """Return the list of equivalent mutants; raise ValueError with the number of a malformed entry."""
    found = []
    with path.open("rb") as file:
        for number, entry in enumerate(tomllib.load(file).get("equivalent", []), 1):
            try:
                found.append(Equivalent(**entry))
            except TypeError as error:
                raise ValueError("%s, entry %d: %s" % (path.name, number, error)) from None
            if not found[-1].reason.strip():
                raise ValueError("%s, entry %d: give the reason why no test can tell" % (path.name, number))
            if found[-1].module not in modules:
                raise ValueError("%s, entry %d: %s is not changed at all" % (path.name, number, found[-1].module))
    return found


@dataclass(frozen=True)
class Account:
    """The results of a run: survivors without an entry, survivors with one, and stale entries."""

    results: Sequence[Result]
    unexplained: Sequence[Result]
    explained: Sequence[Result]
    stale: Sequence[tuple[Equivalent, str]]

    @property
    def good(self) -> bool:
        """Return whether every mutant is killed or has an entry, and no entry is stale."""
        return not self.unexplained and not self.stale

    def by_module(self) -> dict[str, dict[str, Any]]:
        """Return the counts of each module, and its score: the killed share of mutants that are not equivalent."""
        table = {}
        for module in sorted({result.mutant.module for result in self.results}):
            mine = [result for result in self.results if result.mutant.module == module]
            counts = {kind: sum(r.status == kind for r in mine) for kind in (KILLED, TIMEOUT)}
            equivalent = sum(result.mutant.module == module for result in self.explained)
            survived = sum(result.mutant.module == module for result in self.unexplained)
            judged = len(mine) - equivalent
            score = round(100.0 * (judged - survived) / judged, 1) if judged else 100.0
            table[module] = dict(mutants=len(mine), **counts, survived=survived, equivalent=equivalent, score=score)
        return table


def match_survivors_and_entries(results: Sequence[Result], entries: Iterable[Equivalent]) -> Account:
    """Match survivors with entries; an entry is stale if its mutant is killed or does not exist."""
    explained: list[Result] = []
    stale = []
    modules = {result.mutant.module for result in results}
    for entry in entries:
        described = [result for result in results if entry.describes(result.mutant)]
        killed = [result for result in described if result.status != SURVIVED]
        if entry.module in modules and not described:
            stale.append((entry, "there is no such mutant"))
        elif killed:
            stale.append((entry, "it is killed by %s" % (killed[0].by or "its time limit")))
        explained += [result for result in described if result.status == SURVIVED]
    unexplained = [result for result in results if result.status == SURVIVED and result not in explained]
    return Account(results, unexplained, explained, stale)
