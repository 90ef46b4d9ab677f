"""What counts as a right answer to a damaged input: success, or a refusal in one sentence, in time."""

from __future__ import annotations

import contextlib
import io
import signal
import traceback
from typing import Any, Callable, Iterator, Sequence

SECONDS = 10.0  # limit for one input
LONGEST = 2000  # characters of a sentence
REFUSING = (3, 4)  # exit statuses


class NoEnd(BaseException):
    """Raised when an input takes longer than the limit; no part of the project may catch it."""


@contextlib.contextmanager
def limit_time(seconds: float = SECONDS) -> Iterator[None]:
    """Raise ``NoEnd`` if the body takes longer; only in the main thread."""

    def end(*_: Any) -> None:
        raise NoEnd("no end within %g s" % seconds)

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def problem_of_call(
    function: Callable[[], object], refusals: Sequence[type[Exception]], seconds: float = SECONDS
) -> str:
    """Return what is wrong with how a function takes an input: an empty text for success or a refusal in a sentence."""
    try:
        with limit_time(seconds):
            function()
    except tuple(refusals) as error:
        return problem_of_sentence(str(error))
    except NoEnd as error:
        return str(error)
    except Exception as error:  # what the fuzzer looks for
        return _describe_traceback(error)
    return ""


def problem_of_command(
    main: Callable[[list[str]], int], arguments: list[str], good: Sequence[int] = (0, 1), seconds: float = SECONDS
) -> str:
    """Return what is wrong with how a command line ends: nothing for a good status, or a refusal in a sentence."""
    printed = io.StringIO()
    try:
        with limit_time(seconds), contextlib.redirect_stderr(printed), contextlib.redirect_stdout(io.StringIO()):
            status = main(arguments)
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 1
    except NoEnd as error:
        return str(error)
    except Exception as error:  # what the fuzzer looks for
        return _describe_traceback(error)
    if status in good:
        return ""
    lines = printed.getvalue().strip().split("\n")
    return problem_of_sentence(lines[-1]) if status in REFUSING else "exit status %d: %s" % (status, lines[-1])


def problem_of_sentence(text: str) -> str:
    """Return what is wrong with the text of a refusal."""
    if "Traceback" in text or "\n" in text.strip() or not text.strip():
        return "not one sentence: %r" % text[-200:]
    return "%d characters: %s" % (len(text), text[:200]) if len(text) > LONGEST else ""


def _describe_traceback(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return "traceback: %s: %.200s (%s, line %s)" % (type(error).__name__, error, last.filename, last.lineno)
