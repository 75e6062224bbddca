"""What `generate.py` writes into the template."""

import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import generate  # noqa: E402


class Names(unittest.TestCase):
    """Resources are named after folders."""

    def test_a_folder_names_its_resource(self):
        for name, expected in {"api": "Api", "bill-negotiator": "BillNegotiator", "fund-builder-v12": "FundBuilderV12"}.items():
            self.assertEqual(generate.logical_id(name), expected)

    def test_versions_are_ordered_as_numbers(self):
        paths = [Path(f"a-b-v{version}.asl.json") for version in (10, 9, 2)]
        self.assertEqual([path.name for path in sorted(paths, key=generate.machine_order)][0], "a-b-v2.asl.json")


class Substitutions(unittest.TestCase):
    """A definition's placeholders name functions."""

    def test_each_placeholder_becomes_the_function_it_names(self):
        found = generate.substitutions('{"a": "${SemiAutomatedFunctionArn}", "b": "{% $states.input %}"}', ["semi-automated"])
        self.assertEqual(found, "    DefinitionSubstitutions:\n      SemiAutomatedFunctionArn: !GetAtt SemiAutomated.Arn\n")

    def test_a_placeholder_without_a_function_is_refused_by_name(self):
        with self.assertRaisesRegex(generate.Mismatch, r"\$\{NobodyFunctionArn\}"):
            generate.substitutions('"${NobodyFunctionArn}"', ["automated"])

    def test_a_definition_without_placeholders_has_none(self):
        self.assertEqual(generate.substitutions("{}", ["automated"]), "")


class Template(unittest.TestCase):
    """The template follows from the folders."""

    def setUp(self):
        self.template = generate.filled(generate.TEMPLATE.read_text(encoding="utf-8"))

    def test_writing_it_again_changes_nothing(self):
        self.assertEqual(generate.filled(self.template), self.template)

    def test_every_function_is_deployed_under_its_own_name(self):
        self.assertEqual(generate.unmatched(self.template), [])

    def test_a_function_that_is_missing_is_named(self):
        problems = generate.unmatched(self.template.replace("target/lambda/watchdog/", "target/lambda/watchdogs/"))
        self.assertIn("functions/**/watchdog is not in infra/template.yaml", problems)
        self.assertIn("infra/template.yaml deploys watchdogs, which has no folder", problems)

    def test_a_missing_block_is_named(self):
        with self.assertRaisesRegex(generate.Mismatch, "<generated agents>"):
            generate.filled(self.template.replace("<generated agents>", "<agents>"))

    def test_the_roles_allow_what_is_called_and_nothing_else(self):
        sources = [path.read_text(encoding="utf-8") for path in (generate.ROOT / "functions/lib/aws/src").glob("*.rs")]
        called = {name for text in sources for name in re.findall(r"client\(\)\s*\.(\w+)\(\)", text)}
        # Without a generated client a call names its operation in a header or, as Lambda's one does, in its path.
        called |= {name for text in sources for name in re.findall(r'"AWSStepFunctions\.(\w+)"', text)}
        called |= {"invoke_function" for text in sources if "/invocations" in text}
        # A transaction is allowed by what it is made of: updates alone.
        called = {"update_item" if name == "transact_write_items" else name for name in called}
        allowed = set(re.findall(r"(?:dynamodb|states|events|lambda):(\w+)", "\n".join(self.actions())))
        self.assertEqual({name.replace("_", "").lower() for name in called}, {name.lower() for name in allowed})

    def actions(self):
        """The lines of the template that list what a role may do; the key's policy is about the table's service."""
        return [line for line in self.template.splitlines() if "Action: " in line and "kms:" not in line]

    def test_an_agent_may_do_nothing_on_aws(self):
        for name in generate.functions()["agents"]:
            self.assertNotIn("Policies", generate.agent(name))
            self.assertNotIn("TABLE_NAME", generate.agent(name))


if __name__ == "__main__":
    unittest.main()
