"""Workflows on trial: run by the deployed functions without being part of the catalog. Locally only; the tests' own are such."""

import re
import shutil
import subprocess

import build
import generate
from settings import LOCAL, ROOT, Problem

# What the functions read (CATALOG_DIR), and the state machines compiled from it.
FOLDER = LOCAL / "trial"
DEFINITIONS = FOLDER / "catalog"
COMPILED = FOLDER / "machines"
# Where every function's environment begins, and where the generated state machines end.
ENVIRONMENT = "        RUST_LOG: !Ref LogLevel\n"
MACHINES_END = "  # </generated state-machines>\n"


def added(template, workflows):
    """The template with the machines of `workflows`, and its functions told where to read them."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    DEFINITIONS.mkdir(parents=True)
    COMPILED.mkdir()
    machines = "\n" + "\n".join(machine(path) for path in workflows)
    indented = "".join(f"  {line}" if line.strip() else line for line in machines.splitlines(keepends=True))
    for anchor, text in ((ENVIRONMENT, f"{ENVIRONMENT}        CATALOG_DIR: {DEFINITIONS}\n"), (MACHINES_END, indented + MACHINES_END)):
        if template.count(anchor) != 1:
            raise Problem(f"infra/template.yaml has no line {anchor.strip()}")
        template = template.replace(anchor, text)
    return template


def machine(workflow):
    """Hand one definition to the functions and compile it; returns its state machine as the template has them."""
    text = workflow.read_text(encoding="utf-8")
    name = "-v".join(re.search(rf"^{field}: (\S+)$", text, re.MULTILINE).group(1) for field in ("id", "version"))
    (DEFINITIONS / f"{name}.json").write_text(catalog("json", workflow), encoding="utf-8")
    compiled = catalog("compile", workflow)
    (COMPILED / f"{name}.asl.json").write_text(compiled, encoding="utf-8")
    return generate.machine(name, compiled, f"{COMPILED.relative_to(LOCAL)}/{name}.asl.json")


def catalog(command, workflow):
    """What the `catalog` tool prints of a definition."""
    tool = [str(build.program("catalog")), command, str(workflow)]
    result = subprocess.run(tool, cwd=ROOT, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise Problem(f"{workflow.name}: {result.stderr.strip()}")
    return result.stdout


def files():
    """Everything that was made, for a fingerprint."""
    return sorted(path for path in FOLDER.rglob("*") if path.is_file())
