#!/usr/bin/env python3
"""The local AWS: set up, build, deploy, run. `make help` lists what the Makefile calls; every command works alone too."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
import webbrowser

import build
import console
import lint
import logs
import processes
import properties
import publish
import services
import sizes
import stack
import tools
import watch
from settings import LOCAL, ROOT, TEST_WORKFLOWS, Problem, aws_environment, without_aws_profile

INTERRUPTED = 130
# The end-to-end tests take turns by themselves; each that waits for its own needs a thread.
TEST_THREADS = "32"


def setup(_options):
    """install the tools at their pinned versions"""
    tools.require_rust()
    tools.ensure("emulator", "sam")


def compile_functions(_options):
    """compile the functions and archive them"""
    tools.require_rust()
    build.build()


def up(_options):
    """start the local AWS and the provider sandbox, and deploy"""
    outputs = bring_up()
    console.say(f"  API {outputs['ApiUrl']}\n  AWS {services.aws_url()}\n  sandbox {services.sandbox_running()['url']}\n  `make down` stops them")


def deploy(_options):
    """build and deploy to the local AWS"""
    up(_options)


def down(_options):
    """stop everything that runs in the background"""
    stopped = services.stop_all()
    console.say(f"  stopped: {', '.join(stopped)}" if stopped else "  nothing was running")


def demo(_options):
    """run the demo on the local AWS"""
    outputs = bring_up()
    code = foreground([str(build.program("demo"))], client_environment(outputs))
    console.say("  the local AWS stays up, so that the next demo starts in seconds; `make down` stops it")
    return code


def web_console(_options):
    """make a household to look at, and open the web console on it"""
    outputs = bring_up()
    code = foreground([str(build.program("demo")), "console"], client_environment(outputs))
    if code == 0 and has_display():
        webbrowser.open(f"{outputs['ApiUrl']}/console")
    return code


def has_display():
    """Whether a browser could show itself here."""
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def test(options):
    """run every test, the end-to-end ones included"""
    was_up = services.aws_running() is not None
    tools.ensure_browser()
    outputs = bring_up(with_tests=True)
    try:
        environment = client_environment(outputs)
        # A stack without symbols says nothing.
        settings = {"E2E": "1", "RUST_LIB_BACKTRACE": "0", "RUST_TEST_THREADS": os.environ.get("RUST_TEST_THREADS") or TEST_THREADS}
        begun = time.time()
        code = foreground(["cargo", "test", "--workspace", *options.arguments], {**environment, **settings})
        if code == 0:
            properties.check(environment)
        else:
            logs.warnings(services.aws_url(), begun)
        return code
    finally:
        if not was_up:
            services.stop_all()


def change_to_card(_options):
    """measure how long a change of a run takes to its card and to whoever looks on, on the local AWS"""
    was_up = services.aws_running() is not None
    outputs = bring_up()
    test = ["cargo", "test", "--quiet", "--package", "tests", "--test", "end_to_end", "every_change", "--", "--nocapture"]
    try:
        return foreground(test, {**client_environment(outputs), "E2E": "1"})
    finally:
        if not was_up:
            services.stop_all()


def bring_up(with_tests=False):
    """Everything that the demo and the tests need; returns the stack's outputs."""
    tools.require_rust()
    tools.ensure("emulator", "sam")
    archives = build.build(with_tests)
    services.require_ports()
    services.start_aws()
    services.start_sandbox()
    return stack.deploy(archives, TEST_WORKFLOWS if with_tests else ())


def client_environment(outputs):
    """How the demo and the tests find the stack."""
    url = services.aws_url()
    # `make` hands its settings on even where they are empty.
    given = {name: value for name, value in os.environ.items() if value}
    return {
        **without_aws_profile(given),
        **aws_environment(url),
        "API_URL": outputs["ApiUrl"],
        "BUS_NAME": outputs["BusName"],
        "TABLE_NAME": outputs["TableName"],
        "OUTPUTS_BUCKET": outputs["OutputsBucketName"],
        "USER_POOL_ID": outputs["UserPoolId"],
        "USER_POOL_CLIENT_ID": outputs["UserPoolClientId"],
        "FAILURE_QUEUE_URL": outputs["FailureQueueUrl"],
        "STAGE": stack.STAGE,
        "SANDBOX_URL": services.sandbox_running()["url"],
    }


def try_api(_options):
    """try the API with whatever its document allows and does not"""
    properties.check(client_environment(bring_up()))


def show_logs(options):
    """show what the functions logged, and the failure queue"""
    logs.show(services.aws_url(), options.follow, options.minutes)


def event(options):
    """put an event on the bus"""
    publish.publish(services.aws_url(), options.file)


def serve_working_tree(_options):
    """serve the deployed functions from the working tree"""
    bring_up()
    watch.watch(services.aws_url())


def check(_options):
    """check the template, the state machines and the dependencies"""
    lint.lint()


def package(options):
    """build for AWS with cargo-lambda and zig"""
    tools.require_rust()
    cargo_lambda = tools.tool("cargo", "cargo-lambda")
    packages = [argument for name in build.function_names() for argument in ("--package", name)]
    # Providers and the progress API are reached over HTTPS there; over loopback an agent carries no TLS.
    features = [argument for name in build.agent_names() for argument in ("--features", f"{name}/tls")]
    command = [str(cargo_lambda), "lambda", "build", "--release", "--compiler", "cargo-zigbuild", *packages, *features]
    if options.architecture == "arm64":
        command.append("--arm64")
    environment = {**os.environ, "PATH": f"{cargo_lambda.parent}{os.pathsep}{os.environ['PATH']}"}
    environment["CARGO_ZIGBUILD_PYTHON_PATH"] = str(cargo_lambda.parent / "python")
    return foreground(command, environment)


def program_sizes(options):
    """measure the functions' sizes against a bare hello"""
    tools.require_rust()
    sizes.measure(options.functions)


def sandbox(options):
    """start or stop the provider sandbox"""
    if options.action == "start":
        console.say(f"  {services.start_sandbox()['url']}")
    else:
        services.stop_sandbox()


def environment(_options):
    """print how a client finds the running stack, for a shell to read"""
    outputs = stack.deployed().get("outputs")
    if outputs is None or services.sandbox_running() is None:
        raise Problem("the stack is not deployed: `make up` first")
    found = client_environment(outputs)
    for name in sorted(found):
        if os.environ.get(name) != found[name]:
            print(f"export {name}='{found[name]}'")


def clean(_options):
    """stop everything and remove what was made under .local"""
    down(_options)
    shutil.rmtree(LOCAL, ignore_errors=True)


def foreground(command, variables):
    """Run a command that the user watches; it gets the terminal, and Ctrl-C with it."""
    process = subprocess.Popen(command, cwd=ROOT, env=variables)
    try:
        return process.wait()
    except KeyboardInterrupt:
        try:
            process.wait(timeout=3)
        except subprocess.TimeoutExpired:
            process.kill()
        raise


def parser():
    """The command line."""
    main_parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = main_parser.add_subparsers(dest="command", required=True, metavar="command")

    def add(name, run):
        command = commands.add_parser(name, help=run.__doc__, description=run.__doc__)
        command.set_defaults(run=run)
        return command

    for name, run in {
        "setup": setup, "build": compile_functions, "up": up, "deploy": deploy, "down": down, "demo": demo, "console": web_console,
        "properties": try_api, "watch": serve_working_tree, "lint": check, "env": environment, "clean": clean,
    }.items():  # fmt: skip
        add(name, run)
    add("test", test).add_argument("arguments", nargs="*", help="for cargo test, after --")
    command = add("logs", show_logs)
    command.add_argument("-f", "--follow", action="store_true", help="go on until Ctrl-C")
    command.add_argument("--minutes", type=float, default=30, help="how far back (default: 30)")
    add("event", event).add_argument("file", help="an envelope as in events/samples")
    add("latency", change_to_card)
    add("sizes", program_sizes).add_argument("functions", nargs="*", help="only these (default: agents and step functions)")
    add("sandbox", sandbox).add_argument("action", choices=["start", "stop"])
    add("package", package).add_argument("--architecture", choices=["arm64", "x86_64"], default="arm64")
    return main_parser


# Commands that start something: Ctrl-C in them stops what they started, and nothing that was up before.
STARTING = {"up", "deploy", "demo", "console", "test", "watch"}


def interrupt(_number, _frame):
    """Leave by the same way as with Ctrl-C."""
    raise KeyboardInterrupt


def main():
    """Run a command; 130 when it was interrupted."""
    signal.signal(signal.SIGTERM, interrupt)
    options = parser().parse_args()
    was_up = False
    try:
        tools.require_system()
        was_up = services.aws_running() is not None
        return options.run(options) or 0
    except Problem as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if options.command in STARTING:
            if was_up:
                console.say("\n  interrupted; the local AWS was up before and stays up, and what runs there goes on (`make demo` finds its run again)")
            else:
                console.say("\n  interrupted; stopping what was started")
                services.stop_all()
            return INTERRUPTED
        # Ctrl-C is how one leaves `logs --follow`.
        return 0


if __name__ == "__main__":
    sys.exit(main())
