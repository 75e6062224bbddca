"""Compile the functions and lay each out as Lambda wants it: one archive with one program named `bootstrap`."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import console
from settings import LOCAL, ROOT, Problem

sys.path.insert(0, str(ROOT / "infra"))
import generate  # noqa: E402  The list of functions, in one place.

ARCHIVES = LOCAL / "lambda"
# Programs that run beside the functions: the provider sandbox and the demo itself.
PROGRAMS = ("sandbox", "demo")


def function_names():
    """Every function, by its crate's name."""
    return sorted(name for group in generate.functions().values() for name in group)


def agent_names():
    """Every agent, by its crate's name."""
    return sorted(generate.functions()["agents"])


def build(with_tests=False):
    """Compile what changed and archive it; returns the archive of each function.

    With the tests, so that what they share with the functions is compiled once.
    """
    names = function_names()
    packages = [argument for name in (*names, *PROGRAMS) for argument in ("--package", name)]
    console.say("  compiling the functions and the tests" if with_tests else "  compiling the functions")
    targets = ["--workspace", "--all-targets"] if with_tests else ["--bins", *packages]
    result = subprocess.run(["cargo", "build", *targets], cwd=ROOT, check=False)
    if result.returncode != 0:
        raise Problem("the functions do not compile; the compiler's messages are above")
    programs = target_folder() / "debug"
    ARCHIVES.mkdir(parents=True, exist_ok=True)
    return {name: archive(name, programs / name) for name in names}


def archive(name, program):
    """The function's archive, made anew when its program is another. Not compressed: nothing here waits for a network."""
    target = ARCHIVES / f"{name}.zip"
    changed = program.stat().st_mtime_ns
    # Equal and not "no older": cargo brings an earlier program back with its own time.
    if target.is_file() and target.stat().st_mtime_ns == changed:
        return target
    partial = target.with_suffix(".partial")
    entry = zipfile.ZipInfo("bootstrap", date_time=(2020, 1, 1, 0, 0, 0))
    entry.external_attr = 0o755 << 16
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as output:
        output.writestr(entry, program.read_bytes())
    os.utime(partial, ns=(changed, changed))
    partial.replace(target)
    return target


def program(name):
    """Path of a compiled program that is no function."""
    path = target_folder() / "debug" / name
    if not path.is_file():
        raise Problem(f"{path} is not there yet: `make up` compiles it")
    return path


def target_folder():
    """Where cargo puts what it compiles."""
    command = ["cargo", "metadata", "--format-version", "1", "--no-deps", "--offline"]
    output = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if output.returncode != 0:
        raise Problem(f"cargo cannot read the workspace: {output.stderr.strip().splitlines()[-1]}")
    return Path(json.loads(output.stdout)["target_directory"])
