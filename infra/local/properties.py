"""Try the API with whatever its own OpenAPI document allows and does not: as a user, and as nobody."""

import json
import urllib.error
import urllib.request

import console
import tools
from settings import LOCAL, ROOT, RUN, Problem

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
    for who, headers in (("a user", ["--header", f"Authorization: Bearer {token}"]), ("nobody", [])):
        command = [program, "--config-file", SETTINGS, "run", DOCUMENT, "--url", environment["API_URL"], *headers]
        command += ["--checks", "all", "--max-examples", EXAMPLES, "--phases", "examples,coverage,fuzzing"]
        command += ["--seed", 1, "--generation-database", "none", "--workers", 1, "--no-color"]
        log = RUN / f"properties-{who.replace(' ', '-')}.log"
        console.run_quietly(f"trying the API as {who}", [str(part) for part in command], log, cwd=LOCAL)


def sign_in(environment):
    """The access token of a user of our own."""
    pool, client = environment["USER_POOL_ID"], environment["USER_POOL_CLIENT_ID"]
    try:
        cognito(environment, "AdminCreateUser", {"UserPoolId": pool, "Username": USER, "MessageAction": "SUPPRESS"})
    except Problem as problem:
        if "UsernameExists" not in str(problem):
            raise
    cognito(environment, "AdminSetUserPassword", {"UserPoolId": pool, "Username": USER, "Password": PASSWORD, "Permanent": True})
    parameters = {"USERNAME": USER, "PASSWORD": PASSWORD}
    asked = {"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": client, "AuthParameters": parameters}
    return cognito(environment, "InitiateAuth", asked)["AuthenticationResult"]["AccessToken"]


def cognito(environment, action, body):
    """An action of the local user pool."""
    headers = {"X-Amz-Target": f"AWSCognitoIdentityProviderService.{action}", "Content-Type": "application/x-amz-json-1.1"}
    request = urllib.request.Request(environment["AWS_ENDPOINT_URL"] + "/", json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.loads(response.read() or b"{}")
    except urllib.error.HTTPError as error:
        raise Problem(f"{action}: {error.read().decode(errors='replace')[:300]}") from None
