"""Damaged options and command lines, and whole runs with them."""

from __future__ import annotations

import importlib
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any, Mapping, Sequence

from fixtures.case import EXAMPLE_ID
from fixtures.frameworks.artefacts import VARIABLE
from fixtures.run.destinations import check_destinations, find_baseline, ledger_path
from fixtures.run.option_values import check_options
from fixtures.run.options import OPTIONS, ROOT, BadOption
from suites.fuzz.mutations import damage_word
from suites.fuzz.refusals import REFUSING, problem_of_call, problem_of_command, problem_of_sentence

RUN_SECONDS = 300.0  # limit for a whole run
VALUES: Mapping[str, Sequence[str]] = {
    "tier": ("smoke", "standard"),
    "subject": ("keras3", "numpy_layer", "numpy_layer:bias-missing", "tf.keras", "keras3:crop-other-side"),
    "device": ("cpu", "gpu", "CPU:1", "GPU:0"),
    "mode": ("eager", "graph,xla", "all", "none"),
    "variant": ("strides.list", "strides", "contract", "hypothesis", "all", "none", "arguments,shapes"),
    "switch": ("onednn=off", "onednn=on,isa=avx2", "matmul_precision=high"),
    "case": (
        EXAMPLE_ID,
        "0123456789",
        "@PATH",
        EXAMPLE_ID.replace("i4.5", "i4.5.6.7"),
        EXAMPLE_ID.replace("b2", "b9" * 9),
    ),
    "shard": ("1/2", "2/4", "1/1"),
    "deviations": ("none", "PATH"),
    "baseline": ("previous", "PATH"),
    "artefacts": ("PATH", "PATH,PATH"),
    "ledger": ("PATH",),
    "report": ("PATH",),
    "resume": ("1", "0"),
    "memory": ("4", "0.5"),
    "draws": ("10", "0"),
    "durations_from": ("PATH",),
    "check": ("forward/eager/" + EXAMPLE_ID, "arguments/strides.list/" + EXAMPLE_ID, "@PATH"),
    "after": ("forward/eager/" + EXAMPLE_ID, "arguments/strides.list/" + EXAMPLE_ID),
}
# Command lines that end at once, whatever one of their words becomes.
COMMANDS: Sequence[Sequence[str]] = (
    ("fixtures.__main__", "cases", "--tier", "smoke", "--count"),
    ("fixtures.__main__", "explain", EXAMPLE_ID),
    (
        "fixtures.__main__",
        "explain",
        "--input",
        "4x5",
        "--kernel",
        "3x2",
        "--strides",
        "2",
        "--padding",
        "same",
        "--output-padding",
        "0x1",
    ),
    (
        "fixtures.__main__",
        "explain",
        "--input",
        "4",
        "--kernel",
        "3",
        "--filters",
        "2",
        "--channels",
        "1",
        "--batch",
        "1",
    ),
    (
        "fixtures.__main__",
        "explain",
        "Conv2DTranspose(2, (3, 3), strides=2)",
        "--input",
        "4x5x3",
        "--want",
        "9x11",
        "--json",
    ),
    ("fixtures.__main__", "causes", "--deviations", "PATH"),
    (
        "fixtures.__main__",
        "faults",
    ),
    ("fixtures.__main__", "coverage", "--tier", "smoke"),
    ("fixtures.__main__", "suggest", "PATH", "--seconds", "1"),
    ("fixtures.__main__", "snippets", "PATH", "--suite", "forward", "--seconds", "1"),
    ("fixtures.__main__", "store", "PATH", "--subject", "numpy_layer", "--as", "here"),
    ("fixtures.__main__", "upstream", "no-report", "--execute", "--folder", "PATH"),
    ("fixtures.__main__", "fault-matrix", "no-fault", "--subject", "numpy_layer", "--switch", "onednn=on"),
)
COMMANDS_OF_REPORTS: Sequence[Sequence[str]] = (  # Python 3.11 or newer
    ("reports.__main__", "build", "PATH", "-o", "PATH"),
    ("reports.__main__", "build", "PATH", "PATH", "--format", "json", "-o", "PATH", "--matrix", "--previous", "PATH"),
    ("reports.__main__", "diff", "PATH", "PATH", "-o", "PATH", "--exit-code"),
    ("reports.__main__", "history", "PATH", "-o", "PATH"),
    ("reports.__main__", "merge", "PATH", "PATH", "-o", "PATH"),
    ("reports.matrix", "names", "--machine", "aarch64", "--json"),
    ("reports.ledger.check_rerun", "PATH", "--most", "2"),
)


def make_paths(folder: Path) -> list[str]:
    """Return paths of every kind: none, a file, a folder, a named pipe, links, devices and impossible ones."""
    pipe, circle, dangling = folder / "pipe", folder / "circle", folder / "dangling"
    if not pipe.exists():
        os.mkfifo(str(pipe))
        circle.symlink_to(circle)
        dangling.symlink_to(folder / "nowhere" / "x")
        (folder / "file").write_text("{}\n", encoding="utf-8")
    names = (
        "none",
        "file",
        "",
        "pipe",
        "circle",
        "dangling",
        "x" * 300,
        "file/below",
        "a,b",
        "\u00e9\u202e",
        "-x",
        "~",
        "\udcff",
    )
    return [*(str(folder / name) for name in names), "/dev/zero", "/dev/full", "/proc/self/mem", "", "."]


def fill_word(draw: random.Random, folder: Path, word: str) -> str:
    """Return the word with a place for each PATH in it; without one, the word with damage.

    A damaged path could lie anywhere on the machine, so only names below the folder are damaged.
    """
    if "PATH" not in word:
        return damage_word(draw, word) if draw.random() < 0.75 else word
    while "PATH" in word:
        damaged = str(folder / damage_word(draw, "file").replace("/", "").replace("..", ""))
        word = word.replace("PATH", damaged if draw.random() < 0.4 else draw.choice(make_paths(folder)), 1)
    return word


def damage_options(draw: random.Random, folder: Path) -> str:
    """Damage the values of one to three options, and read them as a run does at its start."""
    given: dict[str, Any] = {"ledger": str(folder / "ledger.jsonl")}
    for name in draw.sample(sorted(VALUES), draw.choice((1, 1, 2, 3))):
        value = fill_word(draw, folder, draw.choice(VALUES[name]))
        given[name] = [value] if name in ("case", "check", "switch", "after") and value else value

    def use() -> None:
        run = check_options(given)
        check_destinations(run, ledger_path(run))
        find_baseline(run, ledger_path(run))

    file = folder / "file"
    before = os.environ.get(VARIABLE, "")
    problem = problem_of_call(use, [BadOption])
    os.environ[VARIABLE] = before  # reading --artefacts sets it for the subject's process
    if file.exists() and file.read_bytes() != b"{}\n":
        problem = "a file is lost"
    return "%s: %.500r" % (problem, given) if problem else ""


def damage_command_line(draw: random.Random, folder: Path) -> str:
    """Damage some words of a command line, leave one out or repeat one."""
    program, *words = draw.choice(COMMANDS if sys.version_info < (3, 11) else (*COMMANDS, *COMMANDS_OF_REPORTS))
    words = [fill_word(draw, folder, word) if "PATH" in word or draw.random() < 0.3 else word for word in words]
    place = draw.randrange(len(words))
    words[place : place + 1] = draw.choice(([words[place]],) * 6 + ([], [words[place]] * 2))
    problem = problem_of_command(importlib.import_module(program).main, words)
    return "%s: %s %.500r" % (problem, program, words) if problem else ""


def damage_whole_run(draw: random.Random, folder: Path) -> str:
    """Run pytest of the NumPy layer on one case, with one damaged option; a traceback of pytest itself is wrong too."""
    known = {option.name for option in OPTIONS} - {"resume"}
    name = draw.choice(sorted(known))
    value = fill_word(draw, folder, draw.choice(VALUES[name]))
    options = {"subject": "numpy_layer", "case": EXAMPLE_ID, "variant": "none", "ledger": str(folder / "ledger.jsonl")}
    given = {**options, name: value.replace("\0", "")}
    words = ["--%s=%s" % (option.replace("_", "-"), text) for option, text in given.items() if text]
    environment = {key: text for key, text in os.environ.items() if not key.startswith("KERAS_PARITY_")}
    try:
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:xdist", *words],
            cwd=str(ROOT),
            env=environment,
            timeout=RUN_SECONDS,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except subprocess.TimeoutExpired:
        return "no end within %g s: %.500r" % (RUN_SECONDS, words)
    text = ran.stdout.decode("utf-8", "replace")
    problem = "" if ran.returncode in (0, 1, *REFUSING) else "exit status %d" % ran.returncode
    if "INTERNALERROR" in text or "Traceback" in text or "suite error" in text:
        problem = "traceback"
    if ran.returncode in REFUSING:
        problem = problem or problem_of_sentence(text.strip().split("\n")[-1])
    return "%s: %.500r %s" % (problem, words, text[-300:]) if problem else ""
