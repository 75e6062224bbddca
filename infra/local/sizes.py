"""How big the functions are, measured against a bare `lambda_runtime` hello built by the same command."""

import shutil
import subprocess

import build
import console
from settings import LOCAL, ROOT, Problem

HELLO = ROOT / "infra" / "bench" / "hello"
# Most that a function may be, as a multiple of hello.
AGENT, STEP = 2.0, 6.0
STEPS = ("automated", "semi-automated", "manual", "compensate", "watchdog")


def measure(names):
    """Build each function alone (together they would share features), print sizes, fail when one is over its budget."""
    # The same versions of everything, and what was compiled for the functions is compiled for it too.
    folder = LOCAL / "hello"
    shutil.copytree(HELLO, folder, dirs_exist_ok=True)
    shutil.copy(ROOT / "Cargo.lock", folder / "Cargo.lock")
    hello = size("hello", ["--manifest-path", str(folder / "Cargo.toml"), "--target-dir", str(build.target_folder())])
    print(f"{'hello':<20} {hello:>9} bytes")
    agents = build.agent_names()
    over = []
    for name in names or [*agents, *STEPS]:
        bytes_, limit = size(name, ["--package", name]), AGENT if name in agents else STEP
        ratio = bytes_ / hello
        print(f"{name:<20} {bytes_:>9} bytes  {ratio:.2f}x hello, at most {limit}x{'' if ratio <= limit else '  OVER'}", flush=True)
        if ratio > limit:
            over.append(name)
        # As it is packaged for AWS. The budget is for what is ours, and TLS weighs the same in every agent.
        if name in agents:
            with_tls = size(name, ["--package", name, "--features", f"{name}/tls"])
            print(f"{'  with TLS':<20} {with_tls:>9} bytes  {with_tls / hello:.2f}x hello", flush=True)
    if over:
        raise Problem(f"bigger than its budget: {', '.join(over)}")


def size(name, arguments):
    """Bytes of a program built for release."""
    with console.working(f"building {name} for release"):
        result = subprocess.run(["cargo", "build", "--release", "--quiet", *arguments], cwd=ROOT, check=False)
    if result.returncode != 0:
        raise Problem(f"{name} does not compile; the compiler's messages are above")
    return (build.target_folder() / "release" / name).stat().st_size
