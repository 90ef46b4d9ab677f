"""The terminal output of a run: functions that turn the header and the rows into lines, and the progress line.

Runs on Python 3.7. A line is a colour ("" for none) and its text.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from typing import Any, Collection, Mapping, TextIO, Tuple

from reports.ledger import categories as ledger
from reports.ledger.rerun import find_smallest_row, rerun_command

Line = Tuple[str, str]
# The number of causes that are listed. The others are only counted here; the page lists them.
LISTED = 20
_VERSIONS = (("Keras", "keras"), ("TensorFlow", "tensorflow"))
_LISTINGS = (
    ("New mismatches", "new", "red"),
    ("Mismatches not listed", "not listed", "red"),
    ("Listed for earlier releases only", ledger.RANGE_ENDED, "red"),
    ("As in the baseline", "as before", ""),
    ("Known deviations", "known", ""),
    ("Not run", "", ""),
)


def describe_plan(options: Mapping[str, Any], cases: str, to_ask: int, before: int, path: object) -> list[str]:
    """Return the lines that are printed before the first check.

    ``cases`` describes the cases in words, ``to_ask`` is the number of checks left, ``before`` the number of checks
    that an earlier run answered, and ``path`` the ledger's path.
    """
    facts = [
        ("checks", f"{to_ask:,} about {cases}"),
        ("answered", f"{before:,} before, and kept" if before else ""),
        ("modes", ", ".join(options["modes"])),
        ("switches", ", ".join("%s=%s" % item for item in options["switches"].items())),
        ("deviations", "known ones in %s" % options["deviations"] if options["deviations"] else "none are known"),
        ("ledger", str(path)),
    ]
    return [
        "keras-parity: %s on %s" % (options["subject"], options["device"]),
        *(_describe_fact(*fact) for fact in facts if fact[1]),
    ]


def describe_subject(header: Mapping[str, Any]) -> list[str]:
    """Return a line with the subject's versions, and lines about the machine.

    The versions are known as soon as the subject itself has reported them.
    """
    parts = ["%s %s" % (name, header[key]) for name, key in _VERSIONS if key in header]
    backend = header["backend"]
    version = header.get(backend, "") if backend != "tensorflow" else ""  # TensorFlow's version is printed already
    parts += [("backend %s %s" % (backend, version)).strip(), "device %s" % header["device"]]
    parts += ["%s %s" % item for item in header.get("switches", {}).items() if item[1] not in ("default", "unknown")]
    parts += ["Python %s" % header["python"], _count(len(header["known_deviations"]), "known deviation")]
    return [_describe_fact("subject", ", ".join(parts)), *_describe_machine(header)]


def _describe_machine(header: Mapping[str, Any]) -> list[str]:
    """Return lines about the hardware, the version of this suite and the baseline that the run is compared with."""
    lines = []
    hardware = header.get("hardware")
    if hardware:
        facts = [hardware["model"], hardware["architecture"]]
        facts += [isa_in_words(header)] if header.get("isa") else []
        facts += ["%g cores" % hardware["cores"]]
        facts += ["%g GiB" % hardware["memory_gib"]] if hardware["memory_gib"] else []
        facts += ["%s, driver %s" % (gpu["model"], gpu["driver"]) for gpu in hardware["gpus"]]
        lines.append(_describe_fact("hardware", ", ".join(facts)))
    suite = header.get("suite")
    if suite:
        commit = (
            " at commit %s%s" % (suite["commit"], ", with uncommitted changes" if suite["modified"] else "")
            if suite["commit"]
            else ""
        )
        lines.append(_describe_fact("suite", "keras-parity %s%s" % (suite["version"], commit)))
    baseline = header.get("baseline")
    if baseline:
        text = "mismatches of the run of %s are accepted" if baseline["accepted"] else "compared with the run of %s"
        isa = baseline.get("isa")
        other = ", which was on another class (%s)" % isa if isa and isa != header.get("isa") else ""
        lines.append(_describe_fact("baseline", text % baseline["started"] + other))
    return lines


def isa_in_words(header: Mapping[str, Any]) -> str:
    """Return the instruction set class that kernels may use, and the processor's own class if that differs."""
    isa, own = header["isa"], (header.get("hardware") or {}).get("isa")
    return "class %s" % isa if own in (None, isa) else "class %s (the processor's own: %s)" % (isa, own)


def _describe_fact(name: str, value: str) -> str:
    return "  %-10s %s" % (name, value)


def describe_summary(header: Mapping[str, Any], rows: Collection[ledger.Row], everything: bool = False) -> list[Line]:
    """Return lines about what does not agree, by cause, and then totals that add up.

    Causes that are known or in the baseline are listed one by one only if ``everything`` is True.
    """
    lines: list[Line] = []
    totals = _Totals(header)
    for row in rows:
        totals.add(row)
    causes = dict(sorted(totals.causes.items(), key=lambda item: -item[1].checks))
    for title, listing, colour in _LISTINGS:
        groups = [(key[:2], group) for key, group in causes.items() if key[2] == listing]
        if not groups:
            continue
        counted = (_count(sum(group.checks for _, group in groups), "check"), _count(len(groups), "cause"))
        folded = listing in ("known", "as before") and not everything
        lines.append((colour, "%s: %s, %s%s" % (title, *counted, " (-v lists them)" if folded else "")))
        shown = [] if folded else groups if everything else groups[:LISTED]
        for (category, cause), group in shown:
            lines.append(("", "  %5d  %-18s %s" % (group.checks, category, cause)))
            if listing in ledger.UNEXPLAINED:
                lines.append(("", "         smallest: " + rerun_command(group.smallest, header)))
        if not folded and len(shown) < len(groups):
            rest = sum(group.checks for _, group in groups[len(shown) :])
            more = (_count(len(groups) - len(shown), "further cause"), _count(rest, "check"))
            lines.append(("", "         and %s of %s (-v lists them)" % more))
    counts = {ledger.CATEGORIES[key]: n for key, n in totals.counts.items() if n}
    parts = " + ".join("%d %s" % (n, name) for name, n in counts.items())
    lines.append(("", "%d of %d checks = %s" % (sum(counts.values()), header["planned"], parts)))
    missing = header["planned"] - sum(counts.values())
    if missing > 0:
        words = "has no answer" if missing == 1 else "have no answer"
        sentence = "%s %s: repeat the call with --resume to complete the run"
        lines.append(("red", sentence % (_count(missing, "check"), words)))
    lines += [("", "Hypothesis drew %d examples" % totals.drawn)] if totals.drawn else []
    sampled = "%s compared a sample of the entries" % _count(totals.sampled, "check")
    return [*lines, ("", sampled)] if totals.sampled else lines


class _Cause:
    """How many rows have one cause, and the smallest of them."""

    def __init__(self, row: ledger.Row) -> None:
        self.checks, self.smallest = 1, find_smallest_row([row])

    def add(self, row: ledger.Row) -> None:
        """Count one more row, and keep it if it is the smallest."""
        self.checks += 1
        self.smallest = find_smallest_row([self.smallest, row])


class _Totals:
    """What the summary says of the rows, which are read once: a large run does not hold them.

    Causes are by (category in words, cause, listing). Several known deviations with one cause are one, by its name.
    """

    def __init__(self, header: Mapping[str, Any]) -> None:
        self.counts = ledger.tally(())
        self.drawn = 0  # examples that Hypothesis drew
        self.sampled = 0  # checks that compared a sample of the entries
        self.causes: dict[tuple[str, str, str], _Cause] = {}
        self._contract = header.get("contract", ())
        self._cause_of = {
            entry["name"]: entry.get("cause", entry["name"])
            for kind in ("known_deviations", "ended_deviations")
            for entry in header.get(kind, ())
        }

    def add(self, row: ledger.Row) -> None:
        """Count one more row, and add it to its cause unless it agrees."""
        self.counts[ledger.category(row)] += 1
        self.drawn += row["measured"].get("examples", 0)
        self.sampled += "compared" in row["measured"]
        if row["verdict"] == "agree":
            return
        name = ledger.cause(row, self._contract)
        key = (ledger.CATEGORIES[ledger.category(row)], self._cause_of.get(name, name), ledger.listing(row))
        if key in self.causes:
            self.causes[key].add(row)
        else:
            self.causes[key] = _Cause(row)


def _count(number: int, noun: str) -> str:
    return "{:,} {}{}".format(number, noun, "" if number == 1 else "s")


def progress_text(answered: int, planned: int, unlisted: int, seconds: float | None) -> str:
    """Return ``4,310 of 16,465 checks, 3 not listed, 2:10 left``, without a time if ``seconds`` is None."""
    text = "{:,} of {}, {:,} not listed".format(answered, _count(planned, "check"), unlisted)
    return text if seconds is None else "%s, %s left" % (text, describe_duration(seconds))


def describe_duration(seconds: float) -> str:
    """Return ``2:10`` for 130 seconds, and ``1:00:00`` for an hour."""
    minutes, rest = divmod(int(seconds + 0.5), 60)
    hours, minutes = divmod(minutes, 60)
    return "%d:%02d:%02d" % (hours, minutes, rest) if hours else "%d:%02d" % (minutes, rest)


def is_live(stream: TextIO) -> bool:
    """Return whether a line can be overwritten: the stream is a terminal and not the log of a CI."""
    return stream.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("CI")


class Counter:
    """The progress line, which counts the checks while they run and is overwritten in place.

    A package for this, such as tqdm, would be a requirement of every cell and would have to be locked in every file of
    locks/. The line goes to the stream and not through pytest's writer, which adds up the widths of what it writes.
    """

    STEADY = 20  # answers after which the remaining time can be estimated
    PAUSE = 0.1  # seconds between two updates of the line

    def __init__(self, before: int, to_ask: int, stream: TextIO | None = None) -> None:
        self._before, self._to_ask, self._stream = before, to_ask, stream or sys.stdout
        self._answered = self._unlisted = self._width = 0
        self._started = self._written = time.monotonic()

    def count(self, row: ledger.Row) -> None:
        """Count one more answer, and update the line if the last update is long enough ago."""
        self._answered += 1
        self._unlisted += ledger.listing(row) in ledger.UNEXPLAINED
        now = time.monotonic()
        left = self._to_ask - self._answered
        if left <= 0:
            self.clear()  # the totals follow
        elif now - self._written >= self.PAUSE:
            each = (now - self._started) / self._answered
            seconds = each * left if self._answered >= self.STEADY else None
            planned = self._before + self._to_ask
            self._write(progress_text(self._before + self._answered, planned, self._unlisted, seconds))
            self._written = now

    def clear(self) -> None:
        """Remove the line before something else is written."""
        if self._width:
            self._write("")  # overwrite it with blanks
            self._write("")  # and move the cursor back to its beginning

    def _write(self, text: str) -> None:
        text = text[: max(shutil.get_terminal_size().columns - 1, 1)]
        self._stream.write("\r" + text.ljust(self._width))
        self._stream.flush()
        self._width = len(text)
