"""``python -m suites.mutants``: tries every mutant on the selftests; exits 1 if one survives without an entry."""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import signal
import sys
import time
from concurrent.futures import TimeoutError as Overdue
from concurrent.futures import as_completed
from pathlib import Path
from typing import Any, Sequence

import numpy as np  # noqa: F401  # imported before the fork, once and not in every trial
from pebble import ProcessExpired, ProcessPool

from suites.mutants.account import (
    FILE,
    KILLED,
    SURVIVED,
    TIMEOUT,
    Account,
    Equivalent,
    Mutant,
    Result,
    match_survivors_and_entries,
    read_equivalent_mutants,
)
from suites.mutants.generation import generate_mutants
from suites.mutants.trial import NEAREST, ROOT, try_mutant, validate_deselected, warm_up

WAIT = 20  # a trial may last this many times its limit of CPU seconds, for a machine may be busy


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(allow_abbrev=False, prog="python -m suites.mutants", description=__doc__)
    parser.add_argument(
        "--module", action="append", choices=tuple(NEAREST), help="only this one; repeatable (default: all)"
    )
    parser.add_argument(
        "--deselect", action="append", default=[], help="a selftest to leave out, to see what it is for"
    )
    parser.add_argument(
        "--equivalent", type=Path, default=FILE, help="the list of equivalent mutants (default: %(default)s)"
    )
    parser.add_argument("--workers", type=int, default=2, help="processes (default: %(default)s)")
    parser.add_argument("-o", "--out", type=Path, default=Path("reports/out/mutants.json"), help="default: %(default)s")
    return parser


def try_all_mutants(
    modules: Sequence[str], workers: int, deselected: Sequence[str], known: Sequence[Equivalent]
) -> list[Result]:
    """Generate and try all mutants, print survivors that are not ``known``, and return all results.

    ``ValueError`` when the selftests fail without any change.
    """
    warm_up()
    started = time.perf_counter()
    # The pool forks this process, which has imported nothing of the tested modules.
    with ProcessPool(max_workers=workers, max_tasks=1, context=multiprocessing.get_context("fork")) as pool:
        made = [mutant for found in pool.map(generate_mutants, modules).result() for mutant in found]
        made_in = time.perf_counter() - started
        print("%d mutants of %d modules, made in %.0f s" % (len(made), len(modules), made_in), flush=True)
        caught, by, seconds = pool.schedule(try_mutant, args=("none", "", deselected)).result()
        if caught:
            raise ValueError("the selftests fail without any change, first %s: mend that before" % by)
        limit = math.ceil(10 * seconds)
        times = (seconds, limit)
        print("a mutant that nobody notices takes %.1f s; one that computes for %d s is ended" % times, flush=True)
        trials: dict[Any, Mutant] = {
            pool.schedule(try_mutant, args=(m.module, m.text, deselected, limit), timeout=WAIT * limit): m for m in made
        }
        results = []
        for future in as_completed(trials):
            results.append(_try_mutant(trials[future], future))
            _print_result(results, len(made), time.perf_counter() - started, known)
    return results


def _print_result(results: Sequence[Result], total: int, seconds: float, known: Sequence[Equivalent]) -> None:
    """Print the last result if it survives without an entry, and the progress after every hundred results."""
    for result in match_survivors_and_entries(results[-1:], known).unexplained:
        print("%5d/%d SURVIVED %s" % (len(results), total, _describe_mutant(result)), flush=True)
    if len(results) % 100 == 0 or len(results) == total:
        print("%5d/%d after %.0f s" % (len(results), total, seconds), flush=True)


def _try_mutant(mutant: Mutant, future: Any) -> Result:
    """Return the result of a trial that has ended, ran out of time or crashed."""
    try:
        caught, by, seconds = future.result()
    except Overdue:
        return Result(mutant, TIMEOUT, "", 0.0)
    except ProcessExpired as died:
        if died.exitcode == -signal.SIGXCPU:
            return Result(mutant, TIMEOUT, "", 0.0)
        return Result(mutant, KILLED, "the death of the process (%s)" % died.exitcode, 0.0)
    return Result(mutant, KILLED if caught else SURVIVED, by, seconds)


def _describe_mutant(result: Result) -> str:
    """Return the mutant as text: its place, its operator, and the lines before and after."""
    mutant = result.mutant
    lines = [" ".join(text.split()) for text in (mutant.before, mutant.after)]
    return "%s %s (%s)\n      - %s\n      + %s" % (mutant.module, mutant.function or "module", mutant.operator, *lines)


def summarise_account(account: Account) -> str:
    """Return the table by module, the survivors without an entry, and the stale entries, as text."""
    columns = ("mutants", "killed", "timeout", "survived", "equivalent", "score")
    lines = ["%-28s" % "module" + "".join("%11s" % name for name in columns)]
    for module, facts in account.by_module().items():
        lines.append("%-28s" % module + "".join("%11s" % facts[name] for name in columns))
    lines += ["SURVIVED " + _describe_mutant(result) for result in account.unexplained]
    for entry, why in account.stale:
        lines.append("STALE %s %s: %s: %s" % (entry.module, entry.function or "module", entry.after, why))
    return "\n".join(lines)


def write_account(account: Account, seconds: float, path: Path) -> None:
    """Write a JSON file with counts by module, survivors without an entry, and stale entries."""
    path.parent.mkdir(parents=True, exist_ok=True)
    names = ("module", "function", "before", "after", "operator")
    survived = [{name: getattr(result.mutant, name) for name in names} for result in account.unexplained]
    stale = [{"module": e.module, "function": e.function, "after": e.after, "why": why} for e, why in account.stale]
    facts = {"modules": account.by_module(), "survived": survived, "stale": stale, "seconds": round(seconds)}
    path.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the mutants and return the exit status: 0, 1 for a survivor or a stale entry, 2 for bad input."""
    parser = _make_parser()
    options = parser.parse_args(arguments)
    started = time.perf_counter()
    try:
        validate_deselected(options.deselect)
        entries = read_equivalent_mutants(options.equivalent, NEAREST)
        account = match_survivors_and_entries(
            try_all_mutants(options.module or tuple(NEAREST), options.workers, options.deselect, entries), entries
        )
    except (OSError, ValueError) as error:
        parser.error(str(error))
    seconds = time.perf_counter() - started
    write_account(account, seconds, ROOT / options.out)
    print("%s\n%.0f s" % (summarise_account(account), seconds))
    return 0 if account.good else 1


if __name__ == "__main__":
    sys.exit(main())
