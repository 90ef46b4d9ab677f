"""The fuzzers: they feed the suite damaged inputs, ledgers and processes, and count what it records of them.

A module of this package is one fuzzer. It injects faults of many kinds, and counts each in a ``Table``:

- ``suites/fuzz/inputs.py``: deviations files, matrix.toml, baselines, artefacts, options and command lines;
- ``suites/fuzz/ledgers.py``: damaged ledgers, in every command that reads one;
- ``suites/fuzz/explain.py``: layers as people write them, for the command ``explain``;
- ``suites/fuzz/kills.py``: processes that die, hang or fill up, in every stage of a run.

``python -m suites.fuzz inputs --count 5000`` runs one of them, prints the table and writes it as JSON. ``python -m
suites.fuzz table FILE...`` prints the tables of several files as one. The exit status is 1 if a fault was recorded
wrongly or an answer was lost.

A fuzzer has one function, ``run(table, count, seed)``: it injects ``count`` faults, the same ones for the same seed,
and calls ``table.record`` for each. It draws from ``random.Random(seed)`` and from nothing else. A damaged input is
recorded rightly if it is accepted, or refused in one sentence with exit status 3 or 4. A traceback, a hang and a lost
file are wrong. The selftests run each fuzzer on a few hundred faults.
"""
