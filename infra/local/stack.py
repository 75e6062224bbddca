"""Deploy the template to the local AWS: by `sam deploy` when it changed, else only the code that changed."""

import base64
import hashlib
import json
import os

import build
import console
import services
import tools
import trial
from aws import Aws, AwsError
from settings import LOCAL, MACHINES, ROOT, RUN, STACK, STAGE, TEMPLATE, architecture, aws_environment, ports, without_aws_profile

BUCKET = "workflows-local-code"
# Mails are kept and shown at /_ministack/ses/messages, never sent.
EMAIL_FROM = "workflows@household.example"
DEPLOYED = RUN / "deployed.json"
# Beside the archives, which it names.
LOCAL_TEMPLATE = LOCAL / "template.yaml"


def deploy(archives, workflows=()):
    """Bring the local AWS to the state of the working tree, with more `workflows` on trial; returns the stack's outputs."""
    record = services.aws_running() or services.start_aws()
    aws = Aws(record["url"])
    parameters = stack_parameters(record["url"])
    LOCAL_TEMPLATE.write_text(local_template(workflows), encoding="utf-8")
    wanted = {
        # A local AWS that was started anew is empty.
        "instance": [record["pid"], record["since"]],
        "template": template_fingerprint(parameters),
        "code": {name: fingerprint(path) for name, path in archives.items()},
    }
    have = deployed()
    if have.get("instance") != wanted["instance"] or have.get("template") != wanted["template"]:
        sam_deploy(aws, parameters)
    else:
        update_code(aws, archives, [name for name in archives if have["code"].get(name) != wanted["code"][name]])
    outputs = aws.outputs(STACK)
    if outputs is None:
        DEPLOYED.unlink(missing_ok=True)
        raise build.Problem(f"the stack did not come up; see {LOCAL / 'deploy.log'}")
    wanted["outputs"] = outputs
    DEPLOYED.write_text(json.dumps(wanted), encoding="utf-8")
    return outputs


def deployed():
    """What the last deployment brought, or nothing."""
    try:
        return json.loads(DEPLOYED.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}


def stack_parameters(url):
    """The template's parameters for the local AWS."""
    return {
        "Stage": STAGE,
        "Architecture": architecture(),
        "AwsEndpoint": url,
        "ProviderBaseUrl": sandbox_url(),
        "PlaidBaseUrl": sandbox_url(),
        "EmailFrom": EMAIL_FROM,
        "LogLevel": os.environ.get("RUST_LOG", "").strip() or "info",
    }


def sandbox_url():
    """Where the agents will find the provider sandbox: where it is, else where it would be."""
    record = services.sandbox_running()
    return record["url"] if record else ports().sandbox_url


def sam_deploy(aws, parameters):
    """Create or update the stack with SAM CLI, as on AWS."""
    sam = tools.tool("sam", "sam")
    aws.create_bucket(BUCKET)
    verify_sender(aws)
    command = [sam, "deploy", "--template-file", LOCAL_TEMPLATE, "--stack-name", STACK, "--s3-bucket", BUCKET]
    command += ["--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND", "--no-fail-on-empty-changeset", "--no-progressbar"]
    command += ["--parameter-overrides", *(f"{name}={value}" for name, value in parameters.items())]
    environment = {**without_aws_profile(os.environ), **aws_environment(aws.url)}
    log = LOCAL / "deploy.log"
    console.run_quietly("deploying the stack", [str(part) for part in command], log, cwd=ROOT, env=environment)


def verify_sender(aws):
    """Make the address that e-mails come from one that SES knows."""
    try:
        aws.rest("ses", "POST", "/v2/email/identities", {"EmailIdentity": EMAIL_FROM})
    except AwsError as error:
        if "AlreadyExists" not in str(error):
            raise


def local_template(workflows):
    """The template with its code taken from the archives made here, and what is on trial; nothing else differs from what goes to AWS."""
    text = TEMPLATE.read_text(encoding="utf-8")
    for name in build.function_names():
        text = text.replace(f"CodeUri: ../target/lambda/{name}/\n", f"CodeUri: lambda/{name}.zip\n")
    return trial.added(text, workflows) if workflows else text


def update_code(aws, archives, changed):
    """Replace the code of some functions, which takes a tenth of a second each."""
    if not changed:
        return
    with console.working(f"updating {', '.join(changed)}"):
        for name in changed:
            code = base64.b64encode(archives[name].read_bytes()).decode()
            aws.rest("lambda", "PUT", f"/2015-03-31/functions/{STAGE}-{name}/code", {"ZipFile": code})


def template_fingerprint(parameters):
    """Changes when a deployment by SAM is needed."""
    digest = hashlib.sha256(json.dumps(parameters, sort_keys=True).encode())
    for path in [LOCAL_TEMPLATE, *sorted(MACHINES.glob("*.asl.json")), *trial.files()]:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def fingerprint(path):
    """Changes with an archive, whose time is that of the program in it."""
    found = path.stat()
    return f"{found.st_mtime_ns}-{found.st_size}"
