"""Serve the functions of the deployed stack from `cargo lambda watch`, so that an edit to a handler is live."""

import os
import subprocess

import build
import console
import processes
import tools
from aws import Aws
from settings import ROOT, STAGE, aws_environment, ports, without_aws_profile

# The local AWS sends a function's invocations to this address instead of running its code.
FORWARD = "MINISTACK_LAMBDA_PROXY_URL"


def watch(url):
    """Forward every function to `cargo lambda watch` until it ends or is interrupted; then put all back."""
    port = ports().watch
    cargo_lambda = tools.tool("cargo", "cargo-lambda")
    processes.require_free(port, "WATCH_PORT", "`cargo lambda watch`")
    aws = Aws(url)
    names = build.function_names()
    variables = {}
    for name in names:
        variables.update(variables_of(aws, name))
    # It runs the functions itself, so it needs what the template gives them; no two functions give a name two values.
    environment = {**without_aws_profile(os.environ), **variables, **aws_environment(url)}
    # Else `cargo lambda watch` itself would log at the functions' level; theirs is "info" without it.
    environment.pop("RUST_LOG", None)
    environment["PATH"] = f"{cargo_lambda.parent}{os.pathsep}{environment.get('PATH', '')}"
    command = [str(cargo_lambda), "lambda", "watch", "--invoke-address", "127.0.0.1", "--invoke-port", str(port)]
    try:
        forward(aws, names, f"http://127.0.0.1:{port}/2015-03-31/functions")
        console.say(f"  the stack's functions are served from the working tree (port {port}); Ctrl-C puts the deployed ones back")
        subprocess.run(command, cwd=ROOT, env=environment, check=False)
    finally:
        forward(aws, names, None)


def forward(aws, names, address):
    """Send every function's invocations to `address`, or run its own code again."""
    for name in names:
        variables = variables_of(aws, name)
        variables.pop(FORWARD, None)
        if address is not None:
            variables[FORWARD] = f"{address}/{name}/invocations"
        body = {"Environment": {"Variables": variables}}
        aws.rest("lambda", "PUT", f"/2015-03-31/functions/{STAGE}-{name}/configuration", body)


def variables_of(aws, name):
    """A deployed function's environment variables."""
    answer = aws.rest("lambda", "GET", f"/2015-03-31/functions/{STAGE}-{name}/configuration")
    return dict(answer.get("Environment", {}).get("Variables", {}))
