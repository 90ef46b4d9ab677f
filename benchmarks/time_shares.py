"""Samples what the processor does: the share of its time in each part of the project, by the innermost known module."""

from __future__ import annotations

import signal
import time
from contextlib import contextmanager
from types import FrameType
from typing import Iterator

_INTERVAL = 0.002
# The folder or module in a file's path, and the part that it counts for. The first that fits is the one.
_PARTS = (
    ("fixtures/numpy_layer/", "layer"),
    ("fixtures/frameworks/layer_calls", "other"),
    ("fixtures/frameworks/", "layer"),
    ("fixtures/cases/array_cache", "other"),
    ("fixtures/cases/", "data"),
    ("fixtures/oracle/", "reference"),
    ("fixtures/compare/reference", "reference"),
    ("fixtures/compare/", "compare"),
    ("fixtures/", "other"),
    ("suites/", "other"),
)


def part_of_frame(frame: FrameType | None) -> str:
    """Return the part of the innermost frame of this project; the frameworks' own frames count for their caller."""
    while frame is not None:
        file = frame.f_code.co_filename.replace("\\", "/")
        if "site-packages" not in file:
            for place, part in _PARTS:
                if place in file:
                    return part
        frame = frame.f_back
    return "other"


@contextmanager
def sample_time_shares(seconds: dict[str, float]) -> Iterator[None]:
    """Add the processor time of this process to ``seconds``, by part, until the block ends.

    A signal that comes during a long call is handled after it. So a sample counts for all the time since the last one.
    """
    last = [time.process_time()]

    def note(_: int, frame: FrameType | None) -> None:
        now = time.process_time()
        seconds[part_of_frame(frame)] += now - last[0]
        last[0] = now

    before = signal.signal(signal.SIGPROF, note)
    signal.setitimer(signal.ITIMER_PROF, _INTERVAL, _INTERVAL)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
