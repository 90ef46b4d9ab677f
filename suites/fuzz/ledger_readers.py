"""The functions with which the commands read ledgers, and the answers that each finds in a file.

Each function here returns the number of answers by category, or under ``ALL`` where it only counts them. It raises one
of ``REFUSALS`` if it refuses the file. All of them take milliseconds, so the fuzzer gives every file to all of them.
"""

from __future__ import annotations

import traceback
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Collection, Iterable, Mapping

from fixtures.deviations.baseline import Baseline, BaselineError, failed_on_something_new
from fixtures.deviations.ledger_file import read_ledger
from fixtures.deviations.ledger_rows import LedgerUnusable, category
from fixtures.deviations.suggest.failure_groups import read_rows_by_environment
from reports import ledger
from reports.facts.diff_page import make_diff
from reports.facts.history import make_history
from reports.facts.store import Store
from reports.ledger.writer import LedgerWriter
from reports.merge_shards import merge_shards
from suites.fuzz.judgement import Counts, Judgement, judge
from suites.fuzz.refusals import problem_of_sentence

ALL = "all"
REFUSALS = (ledger.LedgerError, LedgerUnusable, BaselineError)
OTHER_OPTIONS, ANEW = "other options", "the run starts anew"


class WrongError(Exception):
    """A reader did something wrong besides wrong totals; the message says what."""


@dataclass(frozen=True)
class Reader:
    """A reader of ledgers.

    ``knows_schema`` is False if it does not check the details of lines that it does not use. ``leaves_out`` has the
    categories whose answers it does not count.
    """

    read: Callable[[Path], Counts]
    knows_schema: bool = True
    leaves_out: Collection[str] = ()

    def find_problem(self, path: Path, judged: Judgement, surely_read: bool) -> str:
        """Return what the reader does wrongly with a file; an empty text if it reads or refuses it as it must.

        ``surely_read`` says that the file has nothing that a reader may refuse.
        """
        try:
            found = self.read(path)
        except REFUSALS as error:
            may_refuse = not judged.readable or not (self.knows_schema or surely_read) or _is_about_options(str(error))
            return problem_of_sentence(str(error)) if may_refuse else "refused, and it must be read: %s" % error
        except WrongError as error:
            return str(error)
        except Exception:  # a traceback is what the fuzzer looks for
            return traceback.format_exc(limit=-2).replace("\n", " | ")
        damage = judged.damage or (judged.details if self.knows_schema else "")
        return "accepted, though %s" % damage if damage else self._compare(found, judged.counts)

    def _compare(self, found: Counts, expected: Counts) -> str:
        right = {name: count for name, count in expected.items() if name not in self.leaves_out}
        same = found == {ALL: sum(right.values())} if ALL in found else _without_zeros(found) == _without_zeros(right)
        return "" if same else "other totals: %s, and not %s" % (dict(found), right)


def _is_about_options(refusal: str) -> bool:
    """Return whether a refusal is about the call and not about the file."""
    return any(words in refusal for words in (OTHER_OPTIONS, ANEW, "shards of one run"))


def _without_zeros(counts: Counts) -> Counts:
    return {name: count for name, count in counts.items() if count}


def _count(rows: Iterable[Mapping[str, Any]]) -> Counts:
    return Counter(category(row) for row in rows)


def _read_by_resume(path: Path) -> Counts:
    """Continue the ledger. Only what follows its last whole line may be removed from the file."""
    writer, before = LedgerWriter(path), path.read_bytes()
    try:
        differing = writer.resume({"tier": "smoke"})
    except ledger.LedgerError:
        if path.read_bytes() != before:
            raise WrongError("resume refused the ledger and changed it") from None
        raise
    finally:
        if before:  # an empty file is removed if the process that created it wrote nothing
            writer.release()
    if differing:
        raise ledger.LedgerError("%s was run with %s" % (path, OTHER_OPTIONS))
    if path.read_bytes() != before[: before.rfind(b"\n") + 1]:
        raise WrongError("resume changed whole lines")
    path.write_bytes(before)
    if not before:
        raise ledger.LedgerError("%s is empty: %s" % (path, ANEW))
    return _count(writer.rows)


def _read_by_merge(path: Path) -> Counts:
    target = path.with_suffix(".merged")
    merge_shards([path], target)
    judged = judge(target.read_bytes())
    if not judged.readable:
        raise WrongError("the merged ledger is damaged: %s" % (judged.damage or judged.details))
    return judged.counts


def _read_by_build(path: Path) -> Counts:
    store = Store([path])
    counts = Counter(dict(store.query("select category, count(*) from answer group by all")))
    rows = sum(1 for _ in store.rows("true"))
    if rows != sum(counts.values()):
        raise WrongError("the store has %d rows and counts %d" % (rows, sum(counts.values())))
    return counts


def _read_by_history(path: Path) -> Counts:
    folder = path.with_suffix(".folder")
    folder.mkdir(exist_ok=True)
    (folder / "a.jsonl").write_bytes(path.read_bytes())
    (point,) = make_history(folder).lines[0].points
    return {ALL: point.checks}


def _read_as_baseline(path: Path) -> Counts:
    failed_on_something_new(path)
    return {ALL: len(Baseline.read(path))}


def _read_by_suggest(path: Path) -> Counts:
    pools, _ = read_rows_by_environment([path])
    return _count(row for pool in pools for row in pool.rows)


READERS: Mapping[str, Reader] = {
    "resume": Reader(_read_by_resume),
    "merge": Reader(_read_by_merge),
    "build": Reader(_read_by_build),
    "diff": Reader(lambda path: {ALL: make_diff(path, path).since.same}),
    "history": Reader(_read_by_history),
    "baseline": Reader(_read_as_baseline, knows_schema=False, leaves_out=("not-run",)),
    "suggest": Reader(_read_by_suggest, knows_schema=False),
    "keep and snippets": Reader(lambda path: _count(read_ledger(path)[1]), knows_schema=False),
}
