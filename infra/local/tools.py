"""The tools: what the user must have, and what is installed for them under `.local/venvs`, at pinned versions."""

import hashlib
import os
import re
import shutil
import subprocess
import sys

import console
from settings import HERE, LOCAL, MIN_PYTHON, ROOT, Problem

# What each environment is for, as the user reads it.
ENVIRONMENTS = {
    "emulator": "the local AWS (MiniStack)",
    "sam": "SAM CLI and cfn-lint",
    "cargo": "cargo-lambda and zig",
    "deny": "cargo-deny",
    "properties": "schemathesis",
}


def require_python():
    """Refuse a Python that the tools do not run on."""
    if sys.version_info < MIN_PYTHON:
        wanted = ".".join(map(str, MIN_PYTHON))
        have = ".".join(map(str, sys.version_info[:2]))
        raise Problem(f"Python {wanted} or newer is needed, this is {have}: get one from https://www.python.org/downloads/")


def require_system():
    """Refuse a system without what every one has but the barest."""
    if shutil.which("ps") is None:
        raise Problem("`ps` is not on the PATH, and finding out what runs needs it: install it (Debian: apt install procps)")


def require_rust():
    """Refuse a missing or too old Rust."""
    for program in ("cargo", "rustc"):
        if shutil.which(program) is None:
            raise Problem(f"Rust is needed and `{program}` is not on the PATH: get it from https://rustup.rs/")
    if shutil.which("cc") is None and shutil.which("clang") is None:
        raise Problem("Rust needs a linker and `cc` is not on the PATH: install your system's C compiler (Debian: apt install gcc)")
    manifest = (ROOT / "Cargo.toml").read_text(encoding="utf-8")
    wanted = re.search(r'^rust-version = "([\d.]+)"', manifest, re.MULTILINE).group(1)
    output = subprocess.run(["rustc", "--version"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    found = re.search(r"rustc ([\d.]+)", output)
    if found is None:
        raise Problem("`rustc --version` does not answer: repair Rust with `rustup update stable`")
    if numbers(found.group(1)) < numbers(wanted):
        raise Problem(f"Rust {wanted} or newer is needed, this is {found.group(1)}: run `rustup update stable`")


def numbers(version):
    """`1.94.1` -> (1, 94, 1)."""
    return tuple(int(part) for part in version.split("."))


def tool(environment, name):
    """Path of an installed tool; installs its environment when it is missing or at other versions."""
    ensure(environment)
    return folder(environment) / "bin" / name


def folder(environment):
    """Where an environment is."""
    return LOCAL / "venvs" / environment


def ensure(*environments):
    """Install the environments that are missing or whose pinned versions changed."""
    require_python()
    for environment in environments:
        requirements = HERE / "requirements" / f"{environment}.txt"
        stamp = folder(environment) / "installed"
        wanted = fingerprint(requirements)
        if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
            continue
        install(environment, requirements)
        stamp.write_text(wanted, encoding="utf-8")


def install(environment, requirements):
    """Make an environment anew."""
    target = folder(environment)
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    log = LOCAL / f"setup-{environment}.log"
    try:
        import ensurepip  # noqa: F401  Debian packs it apart, and without it there is no pip.
    except ImportError:
        raise Problem("Python lacks its `venv` module: install it (Debian: apt install python3-venv)") from None
    what = f"installing {ENVIRONMENTS[environment]}"
    try:
        console.run_quietly(f"{what}: environment", [sys.executable, "-m", "venv", str(target)], log)
        pip = [str(target / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
        console.run_quietly(f"{what}: packages", [*pip, "-r", str(requirements)], log)
    except (KeyboardInterrupt, Problem):
        shutil.rmtree(target, ignore_errors=True)
        raise


def ensure_browser():
    """Install Chromium and its driver where that may be done; without them the tests say that they skip a part."""
    if shutil.which("chromedriver") or not shutil.which("apt-get") or not hasattr(os, "geteuid") or os.geteuid() != 0:
        return
    LOCAL.mkdir(exist_ok=True)
    packages = ["apt-get", "install", "--yes", "--no-install-recommends", "chromium", "chromium-driver"]
    script = f"apt-get update && {' '.join(packages)}"
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        console.run_quietly("installing Chromium for the console's tests", ["sh", "-c", script], LOCAL / "setup-browser.log", env=environment)
    except Problem as problem:
        console.say(f"  {problem}")


def fingerprint(requirements):
    """What an environment was made from: the pinned versions and the Python."""
    digest = hashlib.sha256(requirements.read_bytes())
    digest.update(f"{sys.version_info[:3]} {os.path.realpath(sys.executable)}".encode())
    return digest.hexdigest()
