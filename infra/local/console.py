"""What the user sees: one line per piece of work, a ticking clock while it lasts, and its time when it is done."""

import subprocess
import sys
import threading
import time
from contextlib import contextmanager

from settings import Problem

# A line is repeated this often where nothing can be redrawn, so that a log shows that something still happens.
QUIET_SECONDS = 15


def say(text):
    """A line for the user."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def working(what):
    """Show that `what` is going on, for how long, and that it is done."""
    started = time.monotonic()
    finished = threading.Event()
    terminal = sys.stderr.isatty()

    def tick():
        while not finished.wait(0.5 if terminal else QUIET_SECONDS):
            seconds = int(time.monotonic() - started)
            end = "" if terminal else "\n"
            start = "\r" if terminal else ""
            print(f"{start}  {what} … {seconds} s", end=end, file=sys.stderr, flush=True)

    if not terminal:
        say(f"  {what} …")
    clock = threading.Thread(target=tick, daemon=True)
    clock.start()
    outcome = "failed"
    try:
        yield
        outcome = "done"
    finally:
        finished.set()
        clock.join()
        start = "\r" if terminal else ""
        say(f"{start}  {what}: {outcome} in {time.monotonic() - started:.1f} s")


def run_quietly(what, argv, log, **options):
    """Run a command with its output in the file `log`; when it fails, show the end of that file."""
    with working(what), open(log, "wb") as output:
        result = subprocess.run(argv, stdout=output, stderr=subprocess.STDOUT, check=False, **options)
        if result.returncode != 0:
            say("")
            say(tail(log, 40))
            raise Problem(f"{what} failed; the whole output is in {log}")


def tail(path, lines):
    """The last lines of a text file."""
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
