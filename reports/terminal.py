"""What a run says on a terminal: plain functions from header and rows to lines of text, and the line that counts.

Runs on Python 3.7. A line is a colour ("" for none) and its text.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from typing import Any, Mapping, Sequence, TextIO, Tuple

from reports import ledger
from reports.question import again, smallest

Line = Tuple[str, str]
# Causes listed in full; the rest are counted, and on the page.
LISTED = 20
_VERSIONS = (("Keras", "keras"), ("TensorFlow", "tensorflow"))
_STANDINGS = (
    ("New mismatches", "new", "red"),
    ("Mismatches not listed", "not listed", "red"),
    ("As in the baseline", "as before", ""),
    ("Known deviations", "known", ""),
    ("Not run", "", ""),
)


def plan(asked: Mapping[str, Any], cases: str, to_ask: int, before: int, path: object) -> list[str]:
    """What is about to be asked, before any answer: ``cases`` in words, the questions left, those answered before."""
    facts = [
        ("questions", f"{to_ask:,} about {cases}"),
        ("answered", f"{before:,} before, and kept" if before else ""),
        ("modes", ", ".join(asked["modes"])),
        ("switches", ", ".join("%s=%s" % item for item in asked["switches"].items())),
        ("deviations", "known ones in %s" % asked["deviations"] if asked["deviations"] else "none are known"),
        ("ledger", str(path)),
    ]
    return [
        "keras-parity: %s on %s" % (asked["subject"], asked["device"]),
        *(_fact(*fact) for fact in facts if fact[1]),
    ]


def subject(header: Mapping[str, Any]) -> list[str]:
    """Who answers, in one line: the versions, as soon as the subject has said them itself."""
    told = ["%s %s" % (name, header[key]) for name, key in _VERSIONS if key in header]
    backend = header["backend"]
    version = header.get(backend, "") if backend != "tensorflow" else ""  # TensorFlow's is told
    told += [("backend %s %s" % (backend, version)).strip(), "device %s" % header["device"]]
    told += ["%s %s" % item for item in header.get("switches", {}).items() if item[1] not in ("default", "unknown")]
    told += ["Python %s" % header["python"], _count(len(header["known"]), "known deviation")]
    return [_fact("subject", ", ".join(told)), *_machine(header)]


def _machine(header: Mapping[str, Any]) -> list[str]:
    """The processor, what it may use, and with what the run is compared."""
    lines = []
    hardware = header.get("hardware")
    if hardware:
        facts = [hardware["model"], hardware["architecture"]]
        facts += [isa_in_words(header)] if header.get("isa") else []
        facts += ["%g cores" % hardware["cores"]]
        facts += ["%g GiB" % hardware["memory_gib"]] if hardware["memory_gib"] else []
        facts += ["%s, driver %s" % (gpu["model"], gpu["driver"]) for gpu in hardware["gpus"]]
        lines.append(_fact("hardware", ", ".join(facts)))
    suite = header.get("suite")
    if suite:
        commit = (
            " at commit %s%s" % (suite["commit"], ", with uncommitted changes" if suite["modified"] else "")
            if suite["commit"]
            else ""
        )
        lines.append(_fact("suite", "keras-parity %s%s" % (suite["version"], commit)))
    baseline = header.get("baseline")
    if baseline:
        told = "mismatches of the run of %s are accepted" if baseline["accepted"] else "compared with the run of %s"
        isa = baseline.get("isa")
        other = ", which was on another class (%s)" % isa if isa and isa != header.get("isa") else ""
        lines.append(_fact("baseline", told % baseline["started"] + other))
    return lines


def isa_in_words(header: Mapping[str, Any]) -> str:
    """Return the instruction set class that kernels may use, and the processor's own where that is another."""
    isa, own = header["isa"], (header.get("hardware") or {}).get("isa")
    return "class %s" % isa if own in (None, isa) else "class %s (the processor's own: %s)" % (isa, own)


def _fact(name: str, value: str) -> str:
    return "  %-10s %s" % (name, value)


def summary(header: Mapping[str, Any], rows: Sequence[ledger.Row], everything: bool = False) -> list[Line]:
    """What is not as it should be, by cause, then totals that add up; known causes one by one for ``everything``."""
    lines: list[Line] = []
    causes = _by_listed_cause(ledger.causes(rows, header.get("contract", ())), header)
    for title, standing, colour in _STANDINGS:
        groups = [(key[:2], group) for key, group in causes.items() if key[2] == standing]
        if not groups:
            continue
        counted = (_count(sum(len(group) for _, group in groups), "question"), _count(len(groups), "cause"))
        folded = standing in ("known", "as before") and not everything
        lines.append((colour, "%s: %s, %s%s" % (title, *counted, " (-v lists them)" if folded else "")))
        shown = [] if folded else groups if everything else groups[:LISTED]
        for (outcome, cause), group in shown:
            lines.append(("", "  %5d  %-18s %s" % (len(group), outcome, cause)))
            if standing in ("new", "not listed"):
                lines.append(("", "         smallest: " + again(smallest(group), header)))
        if not folded and len(shown) < len(groups):
            rest = sum(len(group) for _, group in groups[len(shown) :])
            more = (_count(len(groups) - len(shown), "further cause"), _count(rest, "question"))
            lines.append(("", "         and %s of %s (-v lists them)" % more))
    counts = {ledger.OUTCOMES[key]: n for key, n in ledger.tally(rows).items() if n}
    parts = " + ".join("%d %s" % (n, name) for name, n in counts.items())
    lines.append(("", "%d asked of %d = %s" % (len(rows), header["planned"], parts)))
    drawn = sum(row["measured"].get("examples", 0) for row in rows)
    return [*lines, ("", "properties drew %d examples" % drawn)] if drawn else lines


def _by_listed_cause(
    groups: Mapping[tuple[str, str, str], list[ledger.Row]], header: Mapping[str, Any]
) -> dict[tuple[str, str, str], list[ledger.Row]]:
    """The groups, with those of several entries of one listed cause put together under the cause's name."""
    cause_of = {entry["name"]: entry.get("cause", entry["name"]) for entry in header.get("known", ())}
    merged: dict[tuple[str, str, str], list[ledger.Row]] = {}
    for (outcome, name, standing), group in groups.items():
        merged.setdefault((outcome, cause_of.get(name, name), standing), []).extend(group)
    return dict(sorted(merged.items(), key=lambda item: -len(item[1])))


def _count(number: int, noun: str) -> str:
    return "{:,} {}{}".format(number, noun, "" if number == 1 else "s")


def standing_now(answered: int, planned: int, unlisted: int, seconds: float | None) -> str:
    """Return ``4,310 of 16,465 checks, 3 not listed, 2:10 left``; no time where none can be told yet."""
    text = "{:,} of {}, {:,} not listed".format(answered, _count(planned, "check"), unlisted)
    if seconds is None:
        return text
    minutes, rest = divmod(int(seconds + 0.5), 60)
    hours, minutes = divmod(minutes, 60)
    return "%s, %s left" % (text, "%d:%02d:%02d" % (hours, minutes, rest) if hours else "%d:%02d" % (minutes, rest))


def live(stream: TextIO) -> bool:
    """Whether a line can be written over again: a terminal, and no log of a CI."""
    return stream.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("CI")


class Counter:
    """The one line that counts questions while they are answered, written over and over.

    A few lines of our own: a package for it, tqdm, would be a requirement of every cell, locked anew in each of
    locks/. It writes to the stream and not by pytest's writer, which adds up the widths of what it writes.
    """

    STEADY = 20  # answers after which the time that is left can be told
    PAUSE = 0.1  # seconds between two lines

    def __init__(self, before: int, to_ask: int, stream: TextIO | None = None) -> None:
        self._before, self._to_ask, self._stream = before, to_ask, stream or sys.stdout
        self._answered = self._unlisted = self._width = 0
        self._started = self._written = time.monotonic()

    def count(self, row: ledger.Row) -> None:
        """One more answer."""
        self._answered += 1
        self._unlisted += ledger.standing(row) in ("new", "not listed")
        now = time.monotonic()
        left = self._to_ask - self._answered
        if left <= 0:
            self.clear()  # totals follow
        elif now - self._written >= self.PAUSE:
            each = (now - self._started) / self._answered
            seconds = each * left if self._answered >= self.STEADY else None
            planned = self._before + self._to_ask
            self._write(standing_now(self._before + self._answered, planned, self._unlisted, seconds))
            self._written = now

    def clear(self) -> None:
        """Take the line away, before something else is written."""
        if self._width:
            self._write("")  # blanks over it
            self._write("")  # and back to its beginning

    def _write(self, text: str) -> None:
        text = text[: max(shutil.get_terminal_size().columns - 1, 1)]
        self._stream.write("\r" + text.ljust(self._width))
        self._stream.flush()
        self._width = len(text)
