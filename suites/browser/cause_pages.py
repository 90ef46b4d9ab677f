"""Builds pages whose causes have several owners, severities and listings, for tests of the tables of causes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reports.__main__ import main
from suites.browser.sample_pages import rows_of_numpy_layer, write_ledger

# Name, severity, owner, title, and in which list of the first line the cause stands.
CAUSES = (
    ("dead", "process-death", "oneDNN", "The process ends", "known"),
    ("silent", "wrong-values", "Keras", "Numbers are wrong", "known"),
    ("shape", "wrong-shape", "torch", "The shape is wrong", "known"),
    ("late", "unclear-refusal", "TensorFlow", "A refusal comes late", "known"),
    ("words", "wording-and-types", "Keras", "A message has a wrong word", "known"),
    ("ended", "wrong-values", "TensorFlow", "A gradient is wrong", "ended"),
)


def make_entry(name: str, severity: str, owner: str, title: str) -> dict[str, Any]:
    """Return a known deviation as a run's first line has it, listed for Keras from 3.7 to 3.15."""
    facts = {"because": "It is so.", "link": "", "when": "use_bias", "versions": {"keras": ">=3.7,<3.16"}, "isa": []}
    return {"name": name, **facts, "processor": [], "cause": name, "title": title, "severity": severity, "owner": owner}


def build_cause_pages(folder: Path) -> dict[str, Path]:
    """Return the paths of a page of a nightly build, and of one of the same run beside three releases."""
    rows = rows_of_numpy_layer("numpy_layer:crop-other-side", 60)
    failing = [row for row in rows if row["verdict"] != "agree" and row["suite"] == "forward"]
    kinds = [(name, kind) for name, _, _, _, kind in CAUSES] + [(None, "unlisted")]
    for number, row in enumerate(failing):
        name, kind = kinds[number % len(kinds)]
        row["known_deviation"] = name if kind == "known" else None
        if kind == "ended":
            row["ended_deviation"] = name
    entries = {name: make_entry(name, *facts) for name, *facts, _ in CAUSES}
    known = [entries[name] for name, kind in kinds if kind == "known" and name]
    facts: dict[str, Any] = {"ended_deviations": [entries["ended"]], "known_deviations": known}
    facts["keras"] = "3.16.0.dev2026113004"
    night = write_ledger(folder / "coming-keras.jsonl", rows, "numpy_layer", **facts)
    released = []
    for minor in (13, 14, 15):
        earlier = [{**row, "known_deviation": row["known_deviation"] or row.get("ended_deviation")} for row in rows]
        earlier = [{name: value for name, value in row.items() if name != "ended_deviation"} for row in earlier]
        more = {"keras": "3.%d.0" % minor, "known_deviations": [*known, entries["ended"]]}
        released.append(write_ledger(folder / ("keras3.%d.jsonl" % minor), earlier, "numpy_layer", **more))
    text = released[1].read_text(encoding="utf-8").splitlines(keepends=True)
    released[1].write_text("".join(text[:-20]), encoding="utf-8")  # its run was cut
    found = {"night": folder / "night.html", "matrix": folder / "matrix.html"}
    assert main(["build", str(night), "--previous", str(released[2]), "-o", str(found["night"])]) == 0
    ledgers = map(str, [*released, night])
    assert main(["build", *ledgers, "--coming", str(night), "-o", str(found["matrix"])]) == 0
    return found
