"""Each function's role allows what its ports do. The local AWS asks nobody for permission, so what is missing shows on AWS alone."""

import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import generate  # noqa: E402

# What a port needs, as the crate `aws` implements it.
NEEDS = {
    "Read": ["dynamodb:BatchGetItem"],
    "List": ["dynamodb:Query"],
    "FindDue": ["dynamodb:Query on index/due"],
    "Commit": ["dynamodb:UpdateItem"],
    "Report": ["dynamodb:UpdateItem"],
    "KeepApart": ["s3:PutObject"],
    "FetchApart": ["s3:GetObject"],
    "AskAgent": ["lambda:InvokeFunction"],
    "ContinueStep": ["lambda:InvokeFunction"],
    "Invoke": ["lambda:InvokeFunction"],
    "HandOver": ["lambda:InvokeFunction"],
    "CompleteTask": ["states:SendTaskSuccess", "states:SendTaskFailure"],
    "StartExecution": ["states:StartExecution"],
    "DescribeExecution": ["states:DescribeExecution"],
    "Publish": ["events:PutEvents"],
    "LookThroughFailures": ["sqs:ReceiveMessage", "sqs:ChangeMessageVisibility", "sqs:DeleteMessage"],
    "PushLive": ["execute-api:ManageConnections"],
    "Schedule": ["scheduler:CreateSchedule", "iam:PassRole"],
    "SendEmail": ["ses:SendEmail"],
    "SendPush": ["sns:Publish"],
    "SendSms": ["sns:Publish"],
}
# Libraries that use the ports for a function, and the word by which its `main.rs` takes one.
LIBRARIES = {"coordinator": "for_steps", "delivery": "Courier"}


def used(folder):
    """The ports that a crate uses, but for its tests."""
    paths = [path for path in (folder / "src").rglob("*.rs") if "tests" not in path.parts and path.stem not in ("tests", "testing")]
    imports = [found for path in paths for found in re.findall(r"^use ports::([^;]+);", path.read_text(encoding="utf-8"), re.M)]
    return {name for found in imports for name in re.findall(r"\b[A-Z]\w+", found)} & NEEDS.keys()


def ports(folder):
    """The ports that a function uses, itself or by a library."""
    main = (folder / "src" / "main.rs").read_text(encoding="utf-8")
    libraries = [generate.ROOT / "functions" / "lib" / name for name, word in LIBRARIES.items() if word in main]
    return set().union(*(used(crate) for crate in (folder, *libraries)))


def resources(template):
    """The text of every resource, by its name."""
    parts = re.split(r"^  ([A-Z]\w+):$", template, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def allowed(name, template):
    """What a function's role may do, its shared policies included."""
    all_of_them = resources(template)
    own = all_of_them[generate.logical_id(name)].partition("Policies:")[2].partition("Events:")[0]
    shared = [all_of_them[policy] for policy in re.findall(r"!Ref (\w+)", own) if "ManagedPolicy" in all_of_them.get(policy, "")]
    actions = set()
    for text in (own, *shared):
        on_index = " on index/due" if "/index/due" in text else ""
        for action in re.findall(r"\b[a-z0-9-]+:[A-Z]\w+", text):
            actions.add(action + (on_index if action == "dynamodb:Query" else ""))
    return actions


def missing(template):
    """What functions do and their roles do not allow."""
    functions = [name for group, names in generate.functions().items() if group != "agents" for name in names]
    folders = {path.parent.parent.name: path.parent.parent for path in (generate.ROOT / "functions").rglob("src/main.rs")}
    needed = {name: {action for port in ports(folders[name]) for action in NEEDS[port]} for name in functions}
    return [f"{name}: {action}" for name in functions for action in sorted(needed[name] - allowed(name, template))]


class Permissions(unittest.TestCase):
    """The template's roles and the functions' ports."""

    def setUp(self):
        self.template = generate.TEMPLATE.read_text(encoding="utf-8")

    def test_every_role_allows_what_its_function_does(self):
        self.assertEqual(missing(self.template), [])

    def test_what_a_role_lacks_is_named(self):
        without = self.template.replace("        - !Ref FindDue\n", "")
        self.assertEqual(missing(without), ["watchdog: dynamodb:Query on index/due", "api: dynamodb:Query on index/due"])
        without = self.template.replace("events:PutEvents", "events:PutRule")
        self.assertEqual(missing(without), ["publish: events:PutEvents"])


if __name__ == "__main__":
    unittest.main()
