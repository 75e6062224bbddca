"""The two servers that run in the background: the local AWS and the provider sandbox."""

import os
import shutil
import time
import urllib.request

import build
import console
import processes
import tools
from aws import Aws
from settings import HERE, HOUSEHOLD, RUN, Problem, aws_environment, ports, without_aws_profile

READY_SECONDS = 60


def aws_running():
    """The record of the local AWS, or None."""
    return processes.running("aws")


def aws_url():
    """Address of the local AWS, which must be up."""
    record = aws_running()
    if record is None:
        raise Problem("the local AWS is not running: start it with `make up`")
    return record["url"]


def start_aws():
    """Start the local AWS unless it is up, and wait until it answers; returns its record."""
    wanted = ports()
    record = aws_running()
    if record is not None:
        if os.environ.get("AWS_PORT", "").strip() and record["url"] != wanted.aws_url:
            raise Problem(f"the local AWS is up at {record['url']} already: `make down` first, then use port {wanted.aws}")
        return record
    python = tools.tool("emulator", "python")
    processes.require_free(wanted.aws, "PORT", "the local AWS")
    scratch = RUN / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    environment = {
        **without_aws_profile(os.environ),
        **aws_environment(wanted.aws_url),
        "GATEWAY_PORT": str(wanted.aws),
        # The host in the addresses it gives out.
        "MINISTACK_HOST": "127.0.0.1",
        # Its default is every interface.
        "BIND_HOST": "127.0.0.1",
        # It unpacks the functions' code here.
        "TMPDIR": str(scratch),
        # Else each of its Python threads would write bytecode beside our sources.
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    with console.working(f"starting the local AWS at {wanted.aws_url}"):
        record = processes.start("aws", [python, HERE / "emulator.py"], environment, url=wanted.aws_url)
        wait_until("the local AWS", "aws", Aws(wanted.aws_url).healthy)
    return record


def sandbox_running():
    """The record of the provider sandbox, or None."""
    return processes.running("sandbox")


def require_ports():
    """Refuse a busy port before anything is started."""
    if sandbox_running() is None:
        processes.require_free(ports().sandbox, "SANDBOX_PORT", "the provider sandbox")


def start_sandbox():
    """Start the provider sandbox unless it is up; returns its record."""
    wanted = ports()
    record = sandbox_running()
    if record is not None:
        if os.environ.get("SANDBOX_PORT", "").strip() and record["url"] != wanted.sandbox_url:
            raise Problem(f"the provider sandbox is up at {record['url']} already: `make down` first")
        if record.get("made_of") == made_of():
            return record
        # Its program or its household is another by now; the old one's state would not fit.
        stop_sandbox()
        (RUN / "sandbox-state.json").unlink(missing_ok=True)
    processes.require_free(wanted.sandbox, "SANDBOX_PORT", "the provider sandbox")
    RUN.mkdir(parents=True, exist_ok=True)
    # Its own file: it keeps the providers' state over a restart of the sandbox, not over `make down`.
    arguments = [build.program("sandbox"), "serve", "--port", wanted.sandbox]
    arguments += ["--household", HOUSEHOLD, "--state", RUN / "sandbox-state.json"]
    with console.working(f"starting the provider sandbox at {wanted.sandbox_url}"):
        record = processes.start(
            "sandbox", arguments, dict(os.environ), url=wanted.sandbox_url, made_of=made_of()
        )
        wait_until("the provider sandbox", "sandbox", lambda: answers(f"{wanted.sandbox_url}/healthz"))
    return record


def made_of():
    """Which program and household a running sandbox was started with."""
    return [file.stat().st_mtime_ns for file in (build.program("sandbox"), HOUSEHOLD)]


def stop_sandbox():
    """Stop the provider sandbox; its state stays in its file."""
    return processes.stop("sandbox")


def stop_all():
    """Stop whatever was started here, and whatever that started."""
    stopped = [name for name in ("sandbox", "aws") if processes.stop(name)]
    processes.end_those_from(RUN / "scratch")
    for left in ("scratch", "deployed.json", "sandbox-state.json"):
        path = RUN / left
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return stopped


def wait_until(what, name, ready):
    """Poll until a server is ready; when its process ends before, show what it said."""
    deadline = time.monotonic() + READY_SECONDS
    while not ready():
        if processes.running(name) is None or time.monotonic() > deadline:
            said = console.tail(processes.log_file(name), 15)
            processes.stop(name)
            raise Problem(f"{what} did not start; its last words:\n{said}")
        time.sleep(0.1)


def answers(url):
    """True when an HTTP address answers with success."""
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return response.status == 200
    except OSError:
        return False
