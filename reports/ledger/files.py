"""Writes files safely: a locked ledger to which whole lines are appended, and files that are replaced as a whole.

It runs on Python 3.7. A replaced file is written beside the old one first. So a reader finds the old or the new
content, also if the writer is killed.
"""

from __future__ import annotations

import os
import stat
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import Iterable, Iterator, Mapping, TextIO

if sys.platform != "win32":
    import fcntl

_TRIES = 10  # attempts to lock a file that other processes replace meanwhile


class LedgerError(ValueError):
    """A ledger cannot be read or written. The message is one sentence that says why."""


class LedgerFile:
    """An open ledger that no other process writes. The lock ends with ``close`` or with the process.

    Raises ``LedgerError`` if the file cannot be written, is not a regular file or is in use.
    """

    def __init__(self, path: Path | str) -> None:
        self.name = str(path)
        self._path = os.path.realpath(str(path))  # a link is kept, and the file that it names is replaced
        try:
            os.makedirs(os.path.dirname(self._path), exist_ok=True)
            self._created = not os.path.exists(self._path)
            self._descriptor = self._open_and_lock()
        except OSError as error:
            raise self._unwritable(error) from None
        self._size = os.fstat(self._descriptor).st_size

    def _open_and_lock(self) -> int:
        for _ in range(_TRIES):
            if os.path.exists(self._path) and not os.path.isfile(self._path):
                raise LedgerError("%s cannot be written: it is not a regular file; give another path" % self.name)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
            try:
                _lock(descriptor, self.name)
                if os.path.samestat(os.fstat(descriptor), os.stat(self._path)):
                    return descriptor
            except FileNotFoundError:
                pass  # another process removed the file before this one locked it
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)
        raise LedgerError("%s cannot be locked: other processes keep replacing it" % self.name)

    def _unwritable(self, error: OSError) -> LedgerError:
        return LedgerError(
            "%s cannot be written: %s; make room or give another path" % (self.name, error.strerror or error)
        )

    @property
    def is_empty(self) -> bool:
        """Return whether the file has no content."""
        return not self._size

    def truncate(self, size: int) -> None:
        """Remove everything after the first ``size`` bytes, if there is more."""
        if size < self._size:
            os.ftruncate(self._descriptor, size)
            self._size = size

    def append(self, text: str) -> None:
        """Write the text at the end, or nothing of it: raises ``LedgerError`` if the disk takes only a part."""
        try:
            self._size += _write_all(self._descriptor, text)
        except OSError as error:
            os.ftruncate(self._descriptor, self._size)
            raise self._unwritable(error) from None

    def replace(self, lines: Iterable[str]) -> None:
        """Replace the whole content by the lines; raises ``LedgerError``, and keeps the content, if that fails."""
        beside = _path_beside(self._path)
        try:
            descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o666)
        except OSError as error:
            raise self._unwritable(error) from None
        try:
            _lock(descriptor, self.name)  # the file is locked before other processes can see it
            size = sum(_write_all(descriptor, line) for line in lines)
            os.replace(beside, self._path)
        except BaseException as error:
            os.close(descriptor)
            os.unlink(beside)
            if isinstance(error, OSError):
                raise self._unwritable(error) from None
            raise
        os.close(self._descriptor)
        self._descriptor, self._size = descriptor, size

    def close_or_remove_if_empty(self) -> None:
        """Close the file, and remove it if it was not there before and nothing was written to it."""
        if self._created and self.is_empty:
            os.unlink(self._path)
        os.close(self._descriptor)


def _lock(descriptor: int, name: str) -> None:
    if sys.platform == "win32":
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise LedgerError("%s is in use by another run: wait for its end, or give another path" % name) from None
    except OSError:
        pass  # some network file systems have no locks


def _write_all(descriptor: int, text: str) -> int:
    data = text.encode("utf-8")
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]
    return len(data)


def _path_beside(path: str) -> str:
    return os.path.join(os.path.dirname(path), ".%s.%d.tmp" % (os.path.basename(path)[:200], os.getpid()))


@contextmanager
def replace_file(path: Path | str, errors: str = "strict", newline: str | None = None) -> Iterator[TextIO]:
    """Open a text file whose content replaces that of ``path`` when the block ends without an exception.

    Something else than a regular file, such as /dev/stdout, is written directly.
    """
    target = os.path.realpath(str(path))
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if os.path.exists(target) and not stat.S_ISREG(os.stat(target).st_mode):
        with open(target, "w", encoding="utf-8", errors=errors, newline=newline) as file:
            yield file
        return
    beside = _path_beside(target)
    try:
        with open(beside, "w", encoding="utf-8", errors=errors, newline=newline) as file:
            yield file
        os.replace(beside, target)
    except BaseException:
        if os.path.exists(beside):
            os.unlink(beside)
        raise


def is_same_file(one: Path | str, other: Path | str) -> bool:
    """Return whether two paths name one file, through links and relative paths too; the file need not exist."""
    first, second = os.path.realpath(str(one)), os.path.realpath(str(other))
    return first == second or (os.path.exists(first) and os.path.exists(second) and os.path.samefile(first, second))


def find_overwritten(outputs: Mapping[str, Path | str], inputs: Mapping[str, Path | str]) -> str:
    """Return a sentence if an output would overwrite another output or an input, else an empty text.

    The keys say what each file is, as in ``--report``.
    """
    named = list(outputs.items())
    for place, (name, path) in enumerate(named):
        for other, input_path in [*named[:place], *inputs.items()]:
            if is_same_file(path, input_path):
                return "%s %s is the file of %s too; give each a file of its own" % (name, path, other)
    return ""
