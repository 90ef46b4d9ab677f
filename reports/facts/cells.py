"""One run as a row of the version matrix and as a section of the page. Plain values, no markup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reports.facts.breakdown import (
    PropertyCounts,
    Rounding,
    SuiteTotal,
    Support,
    count_categories,
    list_properties,
    rounding_by_dtype,
    support_by_mode_and_layout,
    totals_by_suite_and_mode,
)
from reports.facts.machine import describe_run_duration, machine_facts
from reports.facts.store import Run, Store
from reports.ledger import CATEGORIES, FAILING

_ENVIRONMENT = (
    *(
        "subject",
        "keras",
        "tensorflow",
        "jax",
        "torch",
        "openvino",
        "scipy",
        "onnxruntime",
        "backend",
        "device",
        "python",
        "numpy",
    ),
    *("platform", "tier", "shard", "deviations", "started"),
)
_VERSIONS = ("keras", "tensorflow", "jax", "torch", "openvino", "scipy", "onnxruntime")
_SPELLED = {
    "keras": "Keras",
    "tensorflow": "TensorFlow",
    "jax": "JAX",
    "torch": "torch",
    "openvino": "OpenVINO",
    "scipy": "SciPy",
    "onnxruntime": "ONNX Runtime",
}


@dataclass(frozen=True)
class Cell:
    """What ran in one environment, with its counts and properties. ``state`` is "complete", "incomplete" or "not run".

    ``crashed`` and ``hanged`` include known deviations. ``checks`` is the number of checks that have an answer.
    """

    name: str
    state: str
    title: str
    sentence: str
    versions: str
    switches: str
    environment: list[tuple[str, str]]
    counts: dict[str, int]
    checks: int
    planned: int
    counted: str
    new: int
    crashed: int
    hanged: int
    properties: dict[str, PropertyCounts]
    by_suite: list[SuiteTotal]
    support: dict[str, dict[str, Support]]
    rounding: list[Rounding]
    coverage: list[dict[str, Any]]  # the coverage that the end row of the ledger has

    @property
    def good(self) -> bool:
        """Return whether the run is complete and nothing in it is unexplained."""
        return self.state == "complete" and not self.new


def make_missing_cell(name: str, reason: str = "") -> Cell:
    """Return a declared cell without a ledger. ``reason`` is the reason that its run left, if it was tried."""
    counted = dict.fromkeys(CATEGORIES, 0)
    sentence = reason or "no ledger given"
    return Cell(name, "not run", name, sentence, "", "", [], counted, 0, 0, "checks", 0, 0, 0, {}, [], {}, [], [])


def make_cell(store: Store, run: Run) -> Cell:
    """Return the cell of one run."""
    head, tally = run.run, count_categories(store, run)
    checks = sum(tally.values())
    planned = int(head.get("planned", checks))
    cases = store.query('select count(distinct "case") from answer where run = ?', run.number)[0][0]
    # The totals count configurations if each has one check; otherwise they count checks "about N configurations".
    counted = ["configurations"] if cases == checks else ["checks", f"{cases:,} configurations"]
    died = dict(store.query("select verdict, count(*) from answer where run = ? group by all", run.number))
    return Cell(
        name=run.cell,
        state="complete" if run.end is not None else "incomplete",
        title="%s: %s on %s, %s" % tuple(head.get(name, "") for name in ("cell", "subject", "backend", "device")),
        sentence=_describe_run(run, tally, planned, " about ".join(counted)),
        versions=installed_versions(head),
        switches=", ".join("%s %s" % item for item in head["options"].get("switches", {}).items()),
        environment=_environment_facts(head) + describe_run_duration(run.end),
        counts=tally,
        checks=checks,
        planned=planned,
        counted=counted[0],
        new=sum(tally[key] for key in FAILING),
        crashed=died.get("crashed", 0),
        hanged=died.get("hanged", 0),
        properties=list_properties(store, run),
        by_suite=totals_by_suite_and_mode(store, run),
        support=support_by_mode_and_layout(store, run),
        rounding=rounding_by_dtype(store, run),
        coverage=(run.end or {}).get("coverage", []),
    )


def installed_versions(head: dict[str, Any]) -> str:
    """Return the installed versions of frameworks, from the first line of a run."""
    return ", ".join("%s %s" % (_SPELLED.get(key, key), head[key]) for key in _VERSIONS if key in head)


def _describe_run(run: Run, tally: dict[str, int], planned: int, counted: str) -> str:
    head = run.run
    name = str(head["backend"])
    backend = " ".join(filter(None, (_SPELLED.get(name, name), str(head.get(name, "")))))
    layer = "Keras %s on %s" % (head["keras"], backend) if "keras" in head else "The subject %s" % head["subject"]
    as_it_should = tally["agree"] + tally["refused as expected"]
    text = "%s does what the definition says in %s of %s %s" % (layer, f"{as_it_should:,}", f"{planned:,}", counted)
    new = sum(tally[key] for key in FAILING)
    parts = []
    if tally["known-deviation"]:
        parts.append(_count_deviating(tally["known-deviation"], "in ways already known"))
    if tally["as-before"]:
        parts.append(_count_deviating(tally["as-before"], "as in the accepted baseline"))
    without_list = head.get("deviations") is None
    listed = (
        " (no list of known deviations was used)"
        if without_list
        else ", which the list of known deviations does not have"
    )
    parts.append(_count_deviating(new, "in other ways" + listed) if new else "none in another way")
    if tally["not-run"]:
        parts.append("%s could not run" % f"{tally['not-run']:,}")
    if run.end is None:
        parts.append("the run is incomplete: %s have no answer" % f"{planned - sum(tally.values()):,}")
    return "%s; %s." % (text, ", ".join(parts))


def _count_deviating(n: int, how: str) -> str:
    return "%s %s %s" % (f"{n:,}", "deviates" if n == 1 else "deviate", how)


def _describe_selection(selection: dict[str, Any]) -> str:
    """Return a sentence that says what the quick tier covers next to what the standard tier covers."""
    numbers = {name: "%s of %s" % tuple(f"{n:,}" for n in value) for name, value in selection.items() if name != "cell"}
    return (
        "The quick tier has %(checks)s checks of the standard tier. When it was chosen, they detected %(faults)s named "
        "faults in every mode and showed %(causes)s known causes on %(cell)s. They cover %(pairs)s pairs of values; "
        "--tier standard also covers combinations of three and four"
    ) % {**numbers, "cell": selection["cell"]}


def _environment_facts(head: dict[str, Any]) -> list[tuple[str, str]]:
    shown = [(name, str(head[name])) for name in _ENVIRONMENT if name in head] + machine_facts(head)
    shown += [("modes", ", ".join(head.get("modes", [])))]
    shown += [("selection", _describe_selection(head["selection"]))] if "selection" in head else []
    return shown + [("switch " + name, str(value)) for name, value in head.get("switches", {}).items()]
