"""A cause as the text of an issue, in the form that the owner's project asks for. Markdown, no HTML.

The forms follow the issue templates of the projects' repositories (their folder .github/ISSUE_TEMPLATE): the headings
are theirs, the sentences are facts of the run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Mapping

from reports.facts.check_details import CheckDetails

_REPOSITORIES = {
    "Keras": "keras-team/keras",
    "TensorFlow": "tensorflow/tensorflow",
    "XLA": "tensorflow/tensorflow",
    "oneDNN": "uxlfoundation/oneDNN",
    "torch": "pytorch/pytorch",
    "JAX": "jax-ml/jax",
    "OpenVINO": "openvinotoolkit/openvino",
}
_VERSIONS = ("keras", "tensorflow", "torch", "jax", "openvino", "numpy", "python")
_SPELLED = {
    "keras": "Keras",
    "tensorflow": "TensorFlow",
    "torch": "torch",
    "jax": "JAX",
    "openvino": "OpenVINO",
    "numpy": "NumPy",
    "python": "Python",
}
UNKNOWN = "Keras"  # the form for a cause without an owner: the layer is Keras'


@dataclass(frozen=True)
class Issue:
    """The text of an issue for a project, and the address at which the project takes issues."""

    project: str
    address: str
    text: str


@dataclass(frozen=True)
class _Facts:
    """What all forms are filled with."""

    title: str
    summary: str
    where: str
    expected: str
    observed: str
    code: str
    log: str
    rerun: str
    run: Mapping[str, Any]


def make_issue(
    title: str, because: str, where: str, owner: str, details: CheckDetails, code: str, run: Mapping[str, Any]
) -> Issue:
    """Return a cause as an issue for its owner. ``code`` reproduces the case of ``details`` in ``run``."""
    project = owner if owner in _REPOSITORIES else UNKNOWN
    facts = _Facts(
        title=title,
        summary=because or title + ".",
        where=where,
        expected=_side(details, 1) or "The call is refused with a clear message.",
        observed=_side(details, 2) or "See the log.",
        code="```python\n%s\n```" % (code or details.proof or details.again).strip(),
        log="```text\n%s\n```" % details.message.strip()[:3000] if details.message.strip() else "",
        rerun=details.again,
        run=run,
    )
    text = "%s\n\n%s\n" % (title, _FORMS[project](facts).strip())
    return Issue(project, "https://github.com/%s/issues/new/choose" % _REPOSITORIES[project], text)


def _side(details: CheckDetails, side: int) -> str:
    """Return one side of the comparison as lines: the facts that differ, then the first entries that differ."""
    lines = ["- %s: %s" % (row[0], row[side]) for row in details.sides if row[1] != row[2] and row[side]]
    for at, *values in details.entries[:6]:
        lines.append("- entry %s: %s" % (at, values[side - 1]))
    return "\n".join(lines)


def _versions(run: Mapping[str, Any]) -> str:
    return ", ".join("%s %s" % (_SPELLED[key], run[key]) for key in _VERSIONS if key in run)


def _processor(run: Mapping[str, Any]) -> str:
    hardware = run.get("hardware") or {}
    parts = [str(hardware.get("model", "not known"))]
    parts += ["instruction set class %s" % run["isa"]] if run.get("isa") else []
    parts += ["%s, driver %s" % (gpu["model"], gpu["driver"]) for gpu in hardware.get("gpus", [])]
    return ", ".join(parts)


def _sections(marks: str, sections: list[tuple[str, str]]) -> str:
    return "\n\n".join("%s\n\n%s" % (marks % name, text) for name, text in sections if text)


def _describe(facts: _Facts) -> str:
    return "%s\n\nIt shows in this region: %s." % (facts.summary, facts.where)


def _keras_form(facts: _Facts) -> str:
    run = facts.run
    system = [
        ("Have I written custom code", "no, only the code below"),
        ("OS Platform and Distribution", str(run.get("platform", ""))),
        ("Versions", _versions(run)),
        ("Backend", str(run.get("backend", ""))),
        ("CPU or GPU model", _processor(run)),
    ]
    return _sections(
        "**%s**",
        [
            ("System information", "\n".join("- %s: %s" % item for item in system)),
            ("Describe the problem", _describe(facts)),
            ("Describe the current behavior", facts.observed),
            ("Describe the expected behavior", facts.expected),
            ("Standalone code to reproduce the issue", facts.code),
            ("Source code / logs", facts.log),
        ],
    )


def _tensorflow_form(facts: _Facts) -> str:
    run = facts.run
    nightly = "Yes" if "dev" in str(run.get("tensorflow", "")) else "No"
    return _sections(
        "### %s",
        [
            ("Issue Type", "Bug"),
            ("Have You Reproduced the Bug With TensorFlow Nightly?", nightly),
            ("Source", "binary"),
            ("TensorFlow Version", str(run.get("tensorflow", ""))),
            ("Custom Code", "No"),
            ("OS Platform and Distribution", str(run.get("platform", ""))),
            ("Python Version", str(run.get("python", ""))),
            ("CUDA/cuDNN Version", " / ".join(str(run[key]) for key in ("cuda", "cudnn") if key in run)),
            ("GPU Model and Memory", ", ".join(gpu["model"] for gpu in (run.get("hardware") or {}).get("gpus", []))),
            (
                "Current Behaviour?",
                "%s\n\nObserved:\n\n%s\n\nExpected:\n\n%s\n\nVersions: %s. Processor: %s."
                % (_describe(facts), facts.observed, facts.expected, _versions(run), _processor(run)),
            ),
            ("Standalone Code to Reproduce the Issue", facts.code),
            ("Relevant Log Output", facts.log),
        ],
    )


def _onednn_form(facts: _Facts) -> str:
    run = facts.run
    build = "the oneDNN that is built into TensorFlow %s" % run.get("tensorflow", "")
    environment = ["CPU: " + _processor(run), "OS: %s" % run.get("platform", ""), _versions(run)]
    return _sections(
        "# %s",
        [
            ("Summary", _describe(facts)),
            ("Version", build[0].upper() + build[1:] + "."),
            ("Environment", "\n".join("* " + line for line in environment)),
            ("Steps to reproduce", facts.code),
            ("Observed behavior", "\n\n".join(filter(None, (facts.observed, facts.log)))),
            ("Expected behavior", facts.expected),
        ],
    )


def _torch_form(facts: _Facts) -> str:
    described = "%s\n\nObserved:\n\n%s\n\nExpected:\n\n%s\n\n%s\n\n%s"
    return _sections(
        "### %s",
        [
            (
                "🐛 Describe the bug",
                described % (_describe(facts), facts.observed, facts.expected, facts.code, facts.log),
            ),
            ("Versions", "%s. Processor: %s. %s." % (_versions(facts.run), _processor(facts.run), _platform(facts))),
        ],
    )


def _jax_form(facts: _Facts) -> str:
    described = "%s\n\nObserved:\n\n%s\n\nExpected:\n\n%s\n\n%s\n\n%s"
    return _sections(
        "### %s",
        [
            ("Description", described % (_describe(facts), facts.observed, facts.expected, facts.code, facts.log)),
            (
                "System info (python version, jaxlib version, accelerator, etc.)",
                "%s. Processor: %s. %s." % (_versions(facts.run), _processor(facts.run), _platform(facts)),
            ),
        ],
    )


def _openvino_form(facts: _Facts) -> str:
    run = facts.run
    return _sections(
        "### %s",
        [
            ("OpenVINO Version", str(run.get("openvino", ""))),
            ("Operating System", _platform(facts)),
            ("Device used for inference", str(run.get("device", "")).partition(":")[0]),
            ("Framework", "Keras %s with the OpenVINO backend" % run.get("keras", "")),
            (
                "Issue description",
                "%s\n\nObserved:\n\n%s\n\nExpected:\n\n%s" % (_describe(facts), facts.observed, facts.expected),
            ),
            ("Step by step reproduction", facts.code),
            ("Relevant log output", facts.log),
        ],
    )


def _platform(facts: _Facts) -> str:
    return str(facts.run.get("platform", "an unknown platform"))


_FORMS: dict[str, Callable[[_Facts], str]] = {
    "Keras": _keras_form,
    "TensorFlow": _tensorflow_form,
    "XLA": _tensorflow_form,
    "oneDNN": _onednn_form,
    "torch": _torch_form,
    "JAX": _jax_form,
    "OpenVINO": _openvino_form,
}
