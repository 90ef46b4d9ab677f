"""Chooses the checks of a bisection: the one that the call names, or one of every cause of a ledger."""

from __future__ import annotations

import argparse
import re

from reports.facts.titles import ORDER, severity_of_row, title_of_row
from reports.ledger import FAILING, Ledger, LedgerError, category, causes, read
from reports.ledger.rerun import size_of_case
from reports.releases.bisection import Target
from reports.releases.errors import BisectError
from reports.releases.packages import PACKAGES
from reports.releases.requirements import Subject


def choose_targets(options: argparse.Namespace, subject: Subject) -> tuple[list[Target], Subject]:
    """Return the targets and the subject: those of a ledger are about the subject of its run."""
    if bool(options.case) == bool(options.ledger):
        raise BisectError("give a case, or --ledger with the run whose causes are meant")
    _refuse_options_without_effect(options)
    if options.case:
        named = (options.suite or "forward", options.mode or "eager", options.case)
        return [Target(options.case if "/" in options.case else "%s/%s/%s" % named)], subject
    severities = _read_severities(options.severity)
    ledger = read(options.ledger)
    targets = [one for one in targets_of_ledger(ledger) if not severities or one.severity in severities]
    if not targets:
        raise LedgerError("%s shows no such cause" % options.ledger)
    run_subject = str(ledger.run["subject"])
    same = PACKAGES[options.package].name != "tensorflow" or run_subject != "keras3"
    switches = ",".join("%s=%s" % item for item in ledger.run["options"].get("switches", {}).items())
    backend = str(ledger.run["backend"]) if run_subject == "keras3" else "tensorflow"
    return targets, Subject(
        subject.name or (run_subject if same else ""),
        subject.backend or backend,
        subject.switches or switches,
        subject.cell,
    )


def _refuse_options_without_effect(options: argparse.Namespace) -> None:
    if options.case and options.severity:
        raise BisectError("--severity chooses among the causes of --ledger; leave it out beside a case")
    if (options.suite or options.mode) and (options.ledger or "/" in options.case):
        raise BisectError("--suite and --mode are for a case id; leave them out beside --ledger or SUITE/VARIANT/CASE")


def _read_severities(text: str) -> list[str]:
    severities = [word for word in text.split(",") if word]
    for word in severities:
        if word not in ORDER:
            raise BisectError("--severity %.100s is unknown; known: %s" % (word, ", ".join(ORDER)))
    return severities


def targets_of_ledger(ledger: Ledger) -> list[Target]:
    """Return one check of every cause of a run, the most severe cause first.

    It is one with few uncommon arguments, since another release may refuse these for another cause, and a small one.
    """
    contract = ledger.run.get("contract", ())
    entries = {str(entry["name"]): entry for entry in ledger.run["known_deviations"]}
    found: dict[str, Target] = {}
    for (_, cause, _), rows in causes(ledger.rows, contract).items():
        shown = [row for row in rows if category(row) in FAILING or category(row) == "known-deviation"]
        if not shown or cause in found:
            continue
        row = min(shown, key=lambda one: (_count_uncommon(one["case"]), size_of_case(one["case"]), one["case"]))
        entry = entries.get(cause, {})
        severity = str(entry.get("severity") or severity_of_row(row))
        title = str(entry.get("title") or title_of_row(row, ledger.run["faults"], row["suite"] in contract))
        found[cause] = Target("%s/%s/%s" % (row["suite"], row["variant"], row["case"]), cause, title, severity)
    return sorted(found.values(), key=lambda one: ORDER.index(one.severity))


def _count_uncommon(case: str) -> int:
    """Return how many arguments of a case id are not those of a plain layer: dilation, output_padding and so on."""
    common = re.compile(r"(d1(\.1)*|onone|last|linear|float32|[bicfks][0-9.]+|same|valid|bias|nobias)\Z")
    return sum(not common.match(part) for part in case.split("-"))
