"""A sample report for the tests of reports in docs/upstream."""

from __future__ import annotations

from pathlib import Path

WHOLE = """---
title: One and one is three
cause: one-and-one
repository: keras-team/keras
versions: all
hardware: any
requires: packaging
ends: mismatch
---

## Code

```python
print("expected 2 observed", 1 + 1)
print("mismatch: yes")
```

## Expected

2.

## Observed

3.

## Analysis

None.
"""


def write_report(folder: Path, text: str = WHOLE, **changes: str) -> Path:
    """Write a report to a file, with each ``old=new`` change made, and return its path."""
    for key, value in changes.items():
        lines = text.split("\n")
        at = next((i for i, line in enumerate(lines) if line.startswith(key + ":")), 1)
        if lines[at].startswith(key + ":"):
            lines[at] = "%s: %s" % (key, value)
        else:
            lines.insert(at, "%s: %s" % (key, value))
        text = "\n".join(lines)
    path = folder / "one.md"
    path.write_text(text, encoding="utf-8")
    return path
