"""Damaged files: deviations, matrix.toml, baselines and stored models."""

from __future__ import annotations

import json
import random
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any, Callable, Mapping

from fixtures.case import EXAMPLE_ID
from fixtures.cases.tiers import cases_of_tier
from fixtures.deviations import KNOWN_DEVIATIONS, DeviationError, check_on_cases, read_deviations
from fixtures.deviations.baseline import Baseline, BaselineError
from fixtures.frameworks.artefacts import INDEX, ArtefactError, find_artefacts
from fixtures.run.options import ROOT
from suites.fuzz.mutations import damage_text, damage_tree, to_toml
from suites.fuzz.refusals import problem_of_call

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Fault = Callable[[random.Random, Path], str]  # injects a fault in a folder, and returns what was recorded wrongly
_HEADER: Mapping[str, Any] = {
    "kind": "run",
    "schema": 2,
    "cell": "here",
    "started": "2026-01-01T00:00:00+00:00",
    "isa": None,
}
_ROW: Mapping[str, Any] = {
    "case": EXAMPLE_ID,
    "suite": "forward",
    "variant": "eager",
    "property": "values",
    "verdict": "mismatch",
}
_ROWS: list[Mapping[str, Any]] = [
    _HEADER,
    {"kind": "verdict", **_ROW, "diagnosis": None, "known_deviation": None, "observed": {"stage": "call"}},
]
_INDEX = {"writer": "here", "keras": "3.15.1", "artefacts": [{"case": EXAMPLE_ID, "format": "json", "file": "a.json"}]}
_MODEL = {
    "class_name": "Functional",
    "config": {"layers": [{"class_name": "Conv2DTranspose", "config": {"filters": 2}}]},
}


@lru_cache(maxsize=None)
def read_known_causes() -> list[Mapping[str, Any]]:
    """Return the tables of the causes of known deviations."""
    files = sorted(KNOWN_DEVIATIONS.glob("*.toml"))
    return [cause for path in files for cause in tomllib.loads(path.read_text(encoding="utf-8"))["cause"]]


@lru_cache(maxsize=None)
def sample_cases() -> list[Any]:
    """Return some cases of the smoke tier."""
    return list(cases_of_tier("smoke"))[::10]


def _write_damaged_file(draw: random.Random, path: Path, tree: Any, write: Callable[[Any], str]) -> bytes:
    """Write a damaged file and return its bytes: the tree is damaged up to three times, or else the text."""
    if draw.random() < 0.7:
        for _ in range(draw.choice((1, 1, 2, 3))):
            tree = damage_tree(draw, tree)
        tree = tree if isinstance(tree, dict) else {"cause": tree}
    data = write(tree).encode("utf-8", "surrogatepass")
    if draw.random() < 0.35:
        data = damage_text(draw, data)
    path.write_bytes(data)
    return data


def _find_problem_of_reading(path: Path, data: bytes, function: Callable[[], object], refusal: type[Exception]) -> str:
    """Return what is wrong with how a file is read; reading must leave it as it is."""
    problem = problem_of_call(function, [refusal])
    lost = path.read_bytes() != data
    return "%s: %r" % ("the file is changed" if lost else problem, data[:500]) if problem or lost else ""


def damage_deviations(draw: random.Random, folder: Path) -> str:
    """Damage a file of known deviations, and read it as a run does at its start."""
    path = folder / "deviations.toml"
    cause = draw.choice(read_known_causes())
    data = _write_damaged_file(draw, path, {"cause": [{**cause, "entry": draw.sample(cause["entry"], 1)}]}, to_toml)

    def use() -> None:
        entries = read_deviations(path)
        for subject in {name for entry in entries for name in entry.subject}:
            check_on_cases(entries, sample_cases(), subject, path)

    return _find_problem_of_reading(path, data, use, DeviationError)


def damage_matrix(draw: random.Random, folder: Path) -> str:
    """Damage matrix.toml, and read its cells."""
    from reports.matrix_file import MatrixError, read_cells

    path = folder / "matrix.toml"
    whole = tomllib.loads((ROOT / "matrix.toml").read_text(encoding="utf-8"))
    environment = draw.choice(list(whole["environments"]))
    kind = next(name for name, table in whole["cells"].items() if environment in table["environments"])
    small = {
        "environments": {environment: whole["environments"][environment]},
        "with": whole["with"],
        "cells": {kind: {**whole["cells"][kind], "environments": [environment]}},
    }
    data = _write_damaged_file(draw, path, small, to_toml)
    return _find_problem_of_reading(path, data, lambda: read_cells(path), MatrixError)


def damage_baseline(draw: random.Random, folder: Path) -> str:
    """Damage a ledger, and compare a row with it as a baseline."""
    path = folder / "baseline.jsonl"
    data = _write_damaged_file(draw, path, {"rows": _ROWS}, _to_lines)

    def use() -> None:
        baseline = Baseline.read(path)
        baseline.compare(_ROWS[1])
        json.dumps(baseline.describe(True))

    return _find_problem_of_reading(path, data, use, BaselineError)


def _to_lines(tree: Mapping[str, Any]) -> str:
    rows = tree.get("rows", tree)
    return "".join(json.dumps(row) + "\n" for row in (rows if isinstance(rows, list) else [rows]))


def damage_artefacts(draw: random.Random, folder: Path) -> str:
    """Damage the index of stored models or a model, and look up the models."""
    model, index = folder / "a.json", folder / INDEX
    is_index = draw.random() < 0.7
    model.write_text(json.dumps(_MODEL), encoding="utf-8")
    index.write_text(json.dumps(_INDEX), encoding="utf-8")
    path, tree = (index, _INDEX) if is_index else (model, _MODEL)
    data = _write_damaged_file(draw, path, tree, json.dumps)
    return _find_problem_of_reading(path, data, lambda: list(find_artefacts([str(folder)])), ArtefactError)
