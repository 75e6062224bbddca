"""Processes that outlive the command that started them: each has its own group and a file that says which it is."""

import json
import os
import signal
import socket
import subprocess
import time

from settings import RUN, Problem

STOP_SECONDS = 8


def start(name, argv, environment, **facts):
    """Start a background process and record it, with `facts` beside; returns its record."""
    RUN.mkdir(parents=True, exist_ok=True)
    with open(log_file(name), "wb") as log:
        process = subprocess.Popen(
            [str(part) for part in argv],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    record = {"pid": process.pid, "since": since(process.pid), **facts}
    record_file(name).write_text(json.dumps(record), encoding="utf-8")
    return record


def running(name):
    """The record of a process that is still alive, or None."""
    try:
        record = json.loads(record_file(name).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    alive = since(record["pid"])
    # The time of start tells the process from a later one with the same number.
    return record if alive and alive == record["since"] else None


def stop(name):
    """End a process with its group; True when there was one."""
    record = running(name)
    if record is not None:
        end_group(record["pid"])
    record_file(name).unlink(missing_ok=True)
    return record is not None


def end_group(group):
    """SIGTERM, and SIGKILL to what is left."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        send(group, number)
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline:
            reap(group)
            if not members(group):
                return
            time.sleep(0.05)


def members(group):
    """The processes of a group that are alive."""
    listing = subprocess.run(["ps", "-axo", "pgid=,stat=,pid="], capture_output=True, text=True, check=False).stdout
    rows = (line.split() for line in listing.splitlines())
    return [int(pid) for pgid, state, pid in rows if int(pgid) == group and not state.startswith("Z")]


def send(group, number):
    """Signal a process group, if anything of it is left."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return


def reap(pid):
    """Collect our own child, so that it does not stay a zombie that looks alive."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        pass


def end_those_from(folder):
    """End processes whose program lies in `folder` (functions that the local AWS started)."""
    listing = subprocess.run(["ps", "-axo", "pid=,command="], capture_output=True, text=True, check=False).stdout
    for line in listing.splitlines():
        pid, _, command = line.strip().partition(" ")
        if str(folder) in command and int(pid) != os.getpid():
            try:
                os.kill(int(pid), signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue


def since(pid):
    """When a process started, as text; empty when there is none (a zombie counts as none)."""
    options = ["ps", "-o", "stat=,lstart=", "-p", str(pid)]
    state, _, started = subprocess.run(options, capture_output=True, text=True, check=False).stdout.strip().partition(" ")
    return "" if state.startswith("Z") else started.strip()


def require_free(port, variable, what):
    """Refuse a port that something else listens on."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.5)
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise Problem(f"port {port} is busy, and {what} needs one: choose another, for example {variable}={port + 1}")


def log_file(name):
    """Where a process writes."""
    return RUN / f"{name}.log"


def record_file(name):
    """Where a process is recorded."""
    return RUN / f"{name}.json"
