"""Try the API with whatever its own OpenAPI document allows and does not: as a user, and as nobody."""

import console
import tools
from aws import Aws, AwsError
from settings import LOCAL, ROOT, RUN

DOCUMENT = ROOT / "functions" / "api" / "openapi.json"
SETTINGS = ROOT / "functions" / "api" / "schemathesis.toml"
USER = "properties"
PASSWORD = "Properties-only-1"
# Cases of an operation beside those that its document names itself.
EXAMPLES = 8


def check(environment):
    """Raises Problem when an answer is not as the document says."""
    program = tools.tool("properties", "schemathesis")
    token = sign_in(environment)
    # Whatever nobody asks is refused for who asks, so the boundaries of every value teach nothing more.
    callers = {"a user": (["--header", f"Authorization: Bearer {token}"], "examples,coverage,fuzzing"), "nobody": ([], "examples,fuzzing")}
    for who, (headers, phases) in callers.items():
        command = [program, "--config-file", SETTINGS, "run", DOCUMENT, "--url", environment["API_URL"], *headers]
        command += ["--checks", "all", "--max-examples", EXAMPLES, "--phases", phases]
        command += ["--seed", 1, "--generation-database", "none", "--workers", 2, "--no-color"]
        log = RUN / f"properties-{who.replace(' ', '-')}.log"
        console.run_quietly(f"trying the API as {who}", [str(part) for part in command], log, cwd=LOCAL)


def sign_in(environment):
    """The access token of a user of our own."""
    aws, pool = Aws(environment["AWS_ENDPOINT_URL"]), environment["USER_POOL_ID"]
    try:
        aws.call("cognito-idp", "AdminCreateUser", UserPoolId=pool, Username=USER, MessageAction="SUPPRESS")
    except AwsError as error:
        if "UsernameExists" not in str(error):
            raise
    aws.call("cognito-idp", "AdminSetUserPassword", UserPoolId=pool, Username=USER, Password=PASSWORD, Permanent=True)
    asked = {"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": {"USERNAME": USER, "PASSWORD": PASSWORD}}
    answer = aws.call("cognito-idp", "InitiateAuth", ClientId=environment["USER_POOL_CLIENT_ID"], **asked)
    return answer["AuthenticationResult"]["AccessToken"]
