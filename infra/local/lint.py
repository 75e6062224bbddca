"""The checks of everything that is not Rust: the template, the state machines, the dependencies."""

import json
import os
import re
import shutil
import subprocess
import sys

import console
import tools
from settings import LOCAL, MACHINES, REGION, ROOT, TEMPLATE, Problem, aws_environment, without_aws_profile

NO_DATABASE = "failed to fetch advisory database"


def lint():
    """Run every check; all are run before the first failure is reported."""
    failed = [name for name, check in CHECKS.items() if not check()]
    if failed:
        raise Problem(f"failed: {', '.join(failed)}")


def scripts_pass_their_tests():
    """The tests of these scripts, and of the emulator's corrections in its own environment."""
    tests = ROOT / "infra" / "tests"
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    own = passes("tests of infra", [sys.executable, "-m", "unittest", "discover", "-s", str(tests)], env=environment)
    emulator = [str(tools.tool("emulator", "python")), str(tests / "emulator_test.py")]
    return passes("tests of the emulator's corrections", emulator, env=environment) and own


def template_is_current():
    """The generated parts of the template follow from the folders."""
    return passes("template follows from the folders", [sys.executable, str(ROOT / "infra" / "generate.py"), "--check"])


def template_is_valid():
    """cfn-lint on the template."""
    return passes("cfn-lint template", [str(tools.tool("sam", "cfn-lint")), str(TEMPLATE)])


def template_is_valid_for_sam():
    """`sam validate --lint`, offline."""
    environment = {**without_aws_profile(os.environ), **aws_environment("http://127.0.0.1:9")}
    command = [str(tools.tool("sam", "sam")), "validate", "--lint", "--region", REGION, "--template-file", str(TEMPLATE)]
    return passes("sam validate --lint", command, env=environment)


def machines_are_valid():
    """cfn-lint on the generated state machines, written out in a template of their own, which is where it reads them."""
    resources = {
        re.sub(r"[^A-Za-z0-9]", "", path.name): {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {"RoleArn": f"arn:aws:iam::123456789012:role/{path.name[:20]}", "Definition": definition(path)},
        }
        for path in sorted(MACHINES.glob("*.asl.json"))
    }
    if not resources:
        console.say("  cfn-lint state machines: none are generated")
        return False
    LOCAL.mkdir(exist_ok=True)
    template = LOCAL / "state-machines.json"
    template.write_text(json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}), encoding="utf-8")
    return passes(f"cfn-lint {len(resources)} state machines", [str(tools.tool("sam", "cfn-lint")), str(template)])


def definition(path):
    """A definition with its placeholders filled as a deployment does."""
    text = path.read_text(encoding="utf-8")
    return json.loads(re.sub(r"\$\{[A-Za-z0-9]+\}", "arn:aws:lambda:us-east-1:123456789012:function:step", text))


def dependencies_are_allowed():
    """cargo-deny: licences, bans and sources always; advisories where their database can be reached."""
    deny = cargo_deny()
    if deny is None:
        return True
    if not passes("cargo deny licenses bans sources", [deny, "check", "licenses", "bans", "sources"]):
        return False
    with console.working("cargo deny advisories"):
        advisories = subprocess.run([deny, "check", "advisories"], cwd=ROOT, capture_output=True, text=True, check=False)
    said = advisories.stdout + advisories.stderr
    if advisories.returncode == 0:
        return True
    if NO_DATABASE in said:
        console.say("  cargo deny advisories: not checked, their database cannot be reached from here")
        return True
    console.say(f"  cargo deny advisories: failed\n{said}")
    return False


def cargo_deny():
    """The user's own cargo-deny, else the packaged one; None where there is none for this machine."""
    own = shutil.which("cargo-deny")
    if own:
        return own
    try:
        return str(tools.tool("deny", "cargo-deny"))
    except Problem:
        console.say("  cargo deny: not checked, there is no package of it for this machine (`cargo install cargo-deny`)")
        return None


def passes(what, command, **options):
    """Run a check; its output is shown when it fails."""
    try:
        with console.working(what):
            subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, **options)
    except subprocess.CalledProcessError as failure:
        console.say(failure.stdout + failure.stderr)
        return False
    return True


CHECKS = {
    "tests of infra": scripts_pass_their_tests,
    "template follows from the folders": template_is_current,
    "cfn-lint template": template_is_valid,
    "sam validate": template_is_valid_for_sam,
    "cfn-lint state machines": machines_are_valid,
    "cargo deny": dependencies_are_allowed,
}
