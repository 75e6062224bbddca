"""Calls to the local AWS, by the standard library alone: it checks no signatures, only which service they are for."""

import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ET

from settings import REGION, Problem

# Prefixes of `X-Amz-Target`, and the JSON version each service speaks.
TARGETS = {
    "cognito-idp": ("AWSCognitoIdentityProviderService", "1.1"),
    "events": ("AWSEvents", "1.1"),
    "logs": ("Logs_20140328", "1.1"),
    "sqs": ("AmazonSQS", "1.0"),
}
CLOUDFORMATION = "{http://cloudformation.amazonaws.com/doc/2010-05-15/}"
SECONDS = 60


class AwsError(Problem):
    """The local AWS refused a call."""


class Aws:
    """A client of the local AWS at one address."""

    def __init__(self, url):
        self.url = url

    def healthy(self):
        """True once it answers."""
        try:
            with urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=2) as response:
                return response.status == 200
        except OSError:
            return False

    def call(self, service, action, **arguments):
        """An action of a service that speaks JSON."""
        prefix, version = TARGETS[service]
        headers = {"X-Amz-Target": f"{prefix}.{action}", "Content-Type": f"application/x-amz-json-{version}"}
        return json.loads(self.request(service, "POST", "/", json.dumps(arguments).encode(), headers) or b"{}")

    def rest(self, service, method, path, body=None):
        """A call of a service that speaks REST with JSON, such as Lambda."""
        data = None if body is None else json.dumps(body).encode()
        return json.loads(self.request(service, method, path, data, {"Content-Type": "application/json"}) or b"{}")

    def outputs(self, stack):
        """The outputs of a CloudFormation stack, or None when it is not (completely) there."""
        form = urllib.parse.urlencode({"Action": "DescribeStacks", "Version": "2010-05-15", "StackName": stack}).encode()
        try:
            answer = self.request("cloudformation", "POST", "/", form, {"Content-Type": "application/x-www-form-urlencoded"})
        except AwsError:
            return None
        root = ET.fromstring(answer)
        status = root.findtext(f".//{CLOUDFORMATION}StackStatus", "")
        if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            return None
        members = root.findall(f".//{CLOUDFORMATION}Outputs/{CLOUDFORMATION}member")
        return {m.findtext(f"{CLOUDFORMATION}OutputKey"): m.findtext(f"{CLOUDFORMATION}OutputValue") for m in members}

    def create_bucket(self, name):
        """A bucket; creating it twice is no error."""
        self.request("s3", "PUT", f"/{name}", b"", {})

    def request(self, service, method, path, data, headers):
        """One HTTP request; raises AwsError with the service's own words."""
        scope = f"test/20200101/{REGION}/{service}/aws4_request"
        headers = {**headers, "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"}
        request = urllib.request.Request(self.url + path, data=data, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as response:
                return response.read()
        except urllib.error.HTTPError as error:
            words = error.read().decode(errors="replace").strip()
            raise AwsError(f"the local AWS refused {service} {method} {path}: {error.code} {words[:500]}") from None
        except (OSError, http.client.HTTPException) as error:
            raise AwsError(f"the local AWS does not answer at {self.url} ({error}); start it with `make up`") from None
