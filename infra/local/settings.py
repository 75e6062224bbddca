"""Where things are, and which ports the local AWS and the provider sandbox use."""

import os
import platform
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = Path(__file__).resolve().parent
# Everything made here; git ignores it and `clean` removes it.
LOCAL = ROOT / ".local"
RUN = LOCAL / "run"
TEMPLATE = ROOT / "infra" / "template.yaml"
# The household that the sandbox plays where none is named.
HOUSEHOLD = ROOT / "tests" / "sandbox" / "households" / "rivera.yaml"
MACHINES = ROOT / "statemachines" / "generated"
# Workflows that only the tests run.
TEST_WORKFLOWS = (
    ROOT / "statemachines" / "fixtures" / "parallel-paths.yaml",
    ROOT / "tests" / "tests" / "end_to_end" / "half-done.yaml",
    ROOT / "tests" / "tests" / "end_to_end" / "hard-failure.yaml",
)

STAGE = "local"
STACK = "workflows-local"
REGION = "us-east-1"
MIN_PYTHON = (3, 10)


class Problem(Exception):
    """Something the user can act on; its text is one line that says how."""


@dataclass(frozen=True)
class Ports:
    """The TCP ports on 127.0.0.1."""

    aws: int
    sandbox: int
    watch: int

    @property
    def aws_url(self):
        """Endpoint of the local AWS."""
        return f"http://127.0.0.1:{self.aws}"

    @property
    def sandbox_url(self):
        """Base URL of the provider sandbox."""
        return f"http://127.0.0.1:{self.sandbox}"


def ports():
    """Ports from AWS_PORT, SANDBOX_PORT and WATCH_PORT, each of which may be empty for its default."""
    return Ports(aws=port("AWS_PORT", 4566), sandbox=port("SANDBOX_PORT", 4580), watch=port("WATCH_PORT", 9000))


def port(variable, default):
    """A port number from the environment."""
    text = os.environ.get(variable, "").strip()
    if not text:
        return default
    if not text.isdigit() or not 1024 <= int(text) <= 65535:
        raise Problem(f"{variable}={text} is no port; give a number from 1024 to 65535")
    return int(text)


def aws_environment(url):
    """The environment with which any AWS client talks to the local AWS and to nothing else."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "SAM_CLI_TELEMETRY": "0",
    }


def without_aws_profile(environment):
    """The environment without whatever points AWS clients at a real account."""
    own = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")
    return {name: value for name, value in environment.items() if name not in own}


def architecture():
    """This machine's, as Lambda calls it."""
    return "arm64" if platform.machine().lower() in ("arm64", "aarch64") else "x86_64"
