"""The fuzzer of ledgers: damaged files in every command that reads one, and writers that are killed.

``suites/fuzz/judgement.py`` says of each file whether a reader must refuse it, or which totals it must give. Every file
goes through the functions with which the commands read (``ledger_readers``), and a share of the files through whole
commands (``ledger_commands``). A refusal is one sentence with exit status 3 or 4. A traceback, an accepted damage,
a refused whole file and other totals are wrong. An answer counts as lost if it was in the ledger before a writer was
killed and is not there after it.
"""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

from suites.fuzz.damages import DAMAGES, READ, REFUSED
from suites.fuzz.judgement import Judgement, judge
from suites.fuzz.killed_writers import KILLS, find_lost_answers
from suites.fuzz.ledger_commands import COMMANDS, LINES, problem_of_ledger_command, problem_of_line
from suites.fuzz.ledger_readers import READERS
from suites.fuzz.sample_ledger import make_sample_lines
from suites.fuzz.table import Table

KILLED = 1 / 12  # the share of the faults that are kills
WHOLE_COMMAND = 1 / 6  # the share of the damaged files that a whole command reads too
WHOLE_LINE = 1 / 100  # the share that a command line in a process of its own reads too


def run(table: Table, count: int, seed: int, whole_line: float = WHOLE_LINE) -> None:
    """Inject ``count`` faults into ledgers and their writers, and record them in the table."""
    draw = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            place = "seed %d, %d" % (seed, number)
            if draw.random() < KILLED:
                kind = draw.choice(sorted(KILLS))
                problem, lost = find_lost_answers(kind, Path(folder, "kill-%d" % number), draw)
                table.record("SIGKILL while " + kind, problem and "%s (%s)" % (problem, place), lost)
                continue
            name = draw.choice(sorted(DAMAGES))
            path = Path(folder, "%d.jsonl" % number)
            path.write_bytes(DAMAGES[name](make_sample_lines(draw), draw))
            for reader, problem in find_problems(path, name, draw, whole_line).items():
                table.record("%s: %s" % (reader, name), problem and "%s (%s)" % (problem, place))
            path.unlink()


def find_problems(path: Path, damage: str, draw: random.Random, whole_line: float = WHOLE_LINE) -> dict[str, str]:
    """Return for every reader that reads a damaged file what it does wrongly; an empty text if that is nothing."""
    data = path.read_bytes()
    judged = judge(data)
    found = {"judgement": find_contradiction(damage, judged)}
    for name, reader in READERS.items():
        found[name] = reader.find_problem(path, judged, damage in READ)
    if draw.random() < WHOLE_COMMAND:
        name = draw.choice([one for one, command in COMMANDS.items() for _ in range(command.share)])
        found["command " + name] = problem_of_ledger_command(COMMANDS[name], path, judged, damage in READ)
    if draw.random() < whole_line:
        name = draw.choice(sorted(LINES))
        found["command line " + name] = problem_of_line(name, path, judged, damage in READ)
    return {**found, "every reader": "" if path.read_bytes() == data else "a reader changed the file"}


def find_contradiction(damage: str, judged: Judgement) -> str:
    """Return what is wrong with a judgement, if it is known of the damage whether a file with it must be refused."""
    if damage in REFUSED and not judged.damage:
        return "the damage is not noticed"
    return (
        "a whole file is taken for damaged: %s%s" % (judged.damage, judged.details)
        if (damage in READ and not judged.readable)
        else ""
    )
