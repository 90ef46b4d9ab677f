"""The facts of the page of a model, from the JSON of ``python -m fixtures model --json``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.ledger import LedgerError


@dataclass(frozen=True)
class Step:
    """A layer of the chain of shapes, in the order of the computation."""

    path: str
    class_name: str
    shape: str  # such as 2 x 88 x 88 x 64; empty if it is not known
    length: int  # of the longest spatial axis, for the drawing; 0 if it is not known
    sources: tuple[int, ...]
    conflicts: tuple[str, ...]  # sentences
    is_transposed: bool
    is_wrong: bool


@dataclass(frozen=True)
class Elsewhere:
    """What some cells do with some layers, and why."""

    effect: str
    title: str
    link: str
    layers: tuple[str, ...]
    cells: tuple[str, ...]


@dataclass(frozen=True)
class LayerRow:
    """A transposed convolution: the judgement, its error, and how many causes are known in other cells."""

    path: str
    class_name: str
    state: str  # wrong, right, configuration or not-judged
    error: float | None  # the largest, in units of the rounding bound
    entries: int
    agreed: int
    others: tuple[str, ...]  # sentences on checks that differ
    cases: tuple[str, ...]
    notes: tuple[str, ...]
    elsewhere: int


@dataclass(frozen=True)
class ModelPage:
    """Everything that the page shows."""

    file: str
    written_by: str
    subject: str
    versions: str
    sentence: str
    is_good: bool
    error: str
    inputs: str
    outputs: str
    missing: str
    other_output: str
    steps: tuple[Step, ...]
    conflicts: tuple[str, ...]
    fixes: tuple[tuple[str, str, str], ...]  # kind, text, output
    layers: tuple[LayerRow, ...]
    elsewhere: tuple[Elsewhere, ...]
    loading: tuple[tuple[str, str, tuple[str, ...]], ...]  # answer, reason, cells


def read_model_page(path: Path) -> ModelPage:
    """Return the facts of a report in a file; raise ``LedgerError`` if it is not a report."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise LedgerError("%s is not a report of a model: %s" % (path, error)) from error
    return make_model_page(text, str(path))


def make_model_page(text: str, name: str) -> ModelPage:
    """Return the facts of a report as JSON text; raise ``LedgerError`` if it is not a report."""
    try:
        return _make_page(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        reason = "%s: %s" % (type(error).__name__, error)
        words = "%s is not a report of a model (%s); write one with python -m fixtures model FILE --json"
        raise LedgerError(words % (name, reason[:200])) from error


def _make_page(report: Mapping[str, Any]) -> ModelPage:
    shapes, wrong = report["shapes"], list(report["wrong"])
    layers = tuple(_make_row(layer, report["elsewhere"].get(layer["path"], [])) for layer in report["layers"])
    sentence, good = _summarise(report, layers)
    environment = report["environment"]
    names = [name for name in ("keras", "tensorflow", "torch", "jax") if environment.get(name)]
    fixes = [*shapes["fixes"], *shapes["other_fixes"]]
    return ModelPage(
        str(report["file"]),
        str(report["written_by"] or ""),
        str(report["subject"]),
        ", ".join("%s %s" % (name, environment[name]) for name in names),
        sentence,
        good,
        str(report["error"] or ""),
        _join_shapes(shapes["inputs"]),
        _join_shapes(shapes["outputs"]),
        str(shapes["missing"]),
        str(shapes["other_output"]),
        tuple(_make_step(step, wrong) for step in shapes["chain"]),
        tuple(map(str, shapes["conflicts"])),
        tuple((str(fix["kind"]).replace("_", " "), str(fix["text"]), _describe_output(fix)) for fix in fixes),
        layers,
        tuple(_group_elsewhere(report["elsewhere"])),
        tuple(_group_loading(report["loading"])),
    )


def _describe_output(fix: Mapping[str, Any]) -> str:
    """Return the outputs after a fix; the text of another input has them already."""
    return "as said there" if fix["kind"] == "input" else _join_shapes(fix["outputs"])


def _make_step(step: Mapping[str, Any], wrong: Sequence[str]) -> Step:
    shape = step["shape"]
    lengths = [] if shape is None else [int(length) for length in step["lengths"] if length is not None]
    path = str(step["path"])
    return Step(
        path,
        str(step["class_name"]),
        write_shape(shape),
        max(lengths, default=0),
        tuple(map(int, step["sources"])),
        tuple(map(str, step["conflicts"])),
        "DTranspose" in str(step["layer"]),
        any(one == path or one.startswith(path + "/") for one in wrong),
    )


def write_shape(shape: Sequence[int | None] | None) -> str:
    """Return 2 x 88 x 88 x 64; ? stands for an unknown length."""
    return "" if shape is None else " x ".join("?" if length is None else str(int(length)) for length in shape)


def _join_shapes(shapes: Sequence[Any]) -> str:
    return ", ".join(write_shape(shape) or "unknown" for shape in shapes)


def _make_row(layer: Mapping[str, Any], elsewhere: Sequence[Mapping[str, Any]]) -> LayerRow:
    verdicts = layer["verdicts"]
    errors = [float(one["error_in_bounds"]) for one in verdicts if one["error_in_bounds"] is not None]
    on_data = any(one["verdict"] != "not-run" for one in verdicts)
    state = "right" if on_data else "configuration" if layer["checks"] else "not-judged"
    others = [_describe_verdict(one) for one in verdicts if one["verdict"] not in ("agree", "not-run")]
    for check in layer["checks"].values():
        others += ["%s in %s (%s)" % (_describe_result(row), row["suite"], row["variant"]) for row in check["others"]]
    return LayerRow(
        str(layer["path"]),
        str(layer["class_name"]),
        "wrong" if layer["wrong"] else state,
        max(errors, default=None),
        sum(int(one["compared"]) for one in verdicts),
        sum(int(check["agree"]) for check in layer["checks"].values()),
        tuple(dict.fromkeys(others)),
        tuple(dict.fromkeys([str(one["case"]) for one in verdicts] + [str(case) for case in layer["checks"]])),
        tuple(map(str, layer["notes"])),
        len({_name_cause(one) for one in elsewhere}),
    )


def _describe_result(row: Mapping[str, Any]) -> str:
    """Return the verdict of a row in words, such as "known deviation, wrong values"."""
    known = "known deviation, " if row.get("known_deviation") else ""
    verdict = "wrong %s" % row["property"] if row["verdict"] == "mismatch" else str(row["verdict"]).replace("-", " ")
    return known + verdict


def _describe_verdict(verdict: Mapping[str, Any]) -> str:
    observed = verdict["observed"]
    if verdict["reason"] or "of" not in observed:
        return "%s on the model's data: %s" % (_describe_result(verdict), verdict["reason"] or observed)
    return "%s on the model's data: %s of %s entries" % (
        _describe_result(verdict),
        observed.get("differs"),
        observed["of"],
    )


def _name_cause(one: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return the effect, and the title and link of its cause."""
    cause = one["cause"] or {"title": one["sentence"], "link": ""}
    return str(one["effect"]), str(cause["title"]), str(cause["link"])


def _group_elsewhere(found: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[Elsewhere]:
    """Return one entry for each effect and cause, with its layers and cells."""
    layers: dict[tuple[str, str, str], dict[str, None]] = {}
    cells: dict[tuple[str, str, str], dict[str, None]] = {}
    for path, every in found.items():
        for one in every:
            layers.setdefault(_name_cause(one), {})[path] = None
            cells.setdefault(_name_cause(one), {})[str(one["cell"])] = None
    return [Elsewhere(*key, tuple(layers[key]), tuple(cells[key])) for key in layers]


def _group_loading(found: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, tuple[str, ...]]]:
    cells: dict[tuple[str, str], list[str]] = {}
    for one in found:
        cells.setdefault((str(one["answer"]), str(one["why"] or "")), []).append(str(one["cell"]))
    return [(*key, tuple(names)) for key, names in cells.items()]


def _summarise(report: Mapping[str, Any], layers: Sequence[LayerRow]) -> tuple[str, bool]:
    """Return the result in a few sentences, and whether all is right."""
    conflicts, wrong = report["shapes"]["conflicts"], report["wrong"]
    words = ["The shapes do not meet: %s." % conflicts[0]] if conflicts else []
    if report["error"] and not conflicts:
        words.append("T%s" % _explain_missing_data(report)[1:])
    judged = [layer for layer in layers if layer.state != "not-judged"]
    unfed = [layer for layer in judged if layer.state == "configuration"]
    if wrong:
        words.append("%d of %d transposed convolutions are wrong: %s." % (len(wrong), len(layers), ", ".join(wrong)))
    elif judged:
        how = ""
        if unfed:
            how = ", %s by the configuration only" % ("all" if len(unfed) == len(judged) else len(unfed))
        words.append("%d of %d transposed convolutions are right%s." % (len(judged), len(layers), how))
    else:
        words.append("No transposed convolution was judged.")
    if unfed and conflicts:
        words.append("No data reached %s: %s" % (", ".join(one.path for one in unfed), _explain_missing_data(report)))
    good = not conflicts and not wrong and not report["error"] and len(judged) == len(layers) > 0
    return " ".join(words), good


def _explain_missing_data(report: Mapping[str, Any]) -> str:
    """Return why the model computed nothing."""
    if not report["error"]:
        return "the shapes before it do not meet."
    stage = {"loading": "loaded", "input": "fed"}.get(str(report["stage"]), "called")
    return "the model cannot be %s: %s" % (stage, report["error"])
