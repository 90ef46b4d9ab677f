"""The command ``python -m reports model``: judge a stored model in a process of its own, and render its page.

The page is made from the JSON that ``python -m fixtures model --json`` prints. So another Python can judge the
model: give it with ``--python``, or give a file with that JSON in place of the model.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from reports.facts.model_page import make_model_page, read_model_page
from reports.ledger import LedgerError
from reports.matrix_file import ROOT
from reports.page.render_model import render_model

_RIGHT, _WRONG = 0, 1
_PASSED_ON = ("input", "batch", "data", "objects", "subject", "mode", "switch", "fault-in")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("file", help="a stored model, or the output of python -m fixtures model FILE --json")
    parser.add_argument("-o", "--output", default="reports/out/model.html", help="the page (default: %(default)s)")
    parser.add_argument(
        "--python", default=sys.executable, help="the Python that has your Keras (default: the one that runs this)"
    )
    for name in _PASSED_ON:
        parser.add_argument(
            "--" + name, action="append", default=[], help="passed on; see python -m fixtures model --help"
        )
    parser.add_argument("--only-data", action="store_true", help="passed on; see python -m fixtures model --help")


def render(options: argparse.Namespace) -> tuple[str, int]:
    """Return the page and the exit status: 0 if all is right, 1 if not; raise ``LedgerError`` without a report."""
    path = Path(options.file).expanduser()
    found = read_model_page(path) if _is_report(path) else make_model_page(_judge(path, options), options.file)
    return render_model(found), _RIGHT if found.is_good else _WRONG


def _is_report(path: Path) -> bool:
    """Return whether a file is a report. A configuration of a model is JSON too, but has other keys."""
    if path.suffix != ".json" or not path.is_file():
        return False
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return isinstance(content, dict) and "shapes" in content and "wrong" in content


def _judge(path: Path, options: argparse.Namespace) -> str:
    """Return the JSON that the command prints; raise ``LedgerError`` with its last sentence if it prints none."""
    given = [(name, value) for name in _PASSED_ON for value in getattr(options, name.replace("-", "_"))]
    passed = [*("--%s=%s" % pair for pair in given), *(["--only-data"] if options.only_data else [])]
    command = [options.python, "-m", "fixtures", "model", str(path.absolute()), "--json", *passed]
    folders = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join(folders)}
    try:
        # In the caller's folder, to which the paths in the options belong.
        ran = subprocess.run(command, env=variables, capture_output=True, check=False)
    except OSError as error:
        raise LedgerError(
            "--python %s cannot be run: %s; give the path of a Python" % (options.python, error.strerror)
        ) from error
    output = ran.stdout.decode("utf-8", "replace")
    if not output.lstrip().startswith("{"):
        words = ran.stderr.decode("utf-8", "replace").strip().splitlines() or ["no answer"]
        raise LedgerError(next((line for line in words if line.startswith("model: ")), words[-1]))
    return output
