"""The parts of `local.py` that can go wrong on their own."""

import contextlib
import io
import os
import socket
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "local"))
import build  # noqa: E402
import lint  # noqa: E402
import logs  # noqa: E402
import processes  # noqa: E402
import publish  # noqa: E402
import settings  # noqa: E402
import stack  # noqa: E402
import tools  # noqa: E402
import trial  # noqa: E402


class Ports(unittest.TestCase):
    """Ports are settings, and a busy one is reported with the way out."""

    def test_an_empty_setting_means_the_default(self):
        with mock.patch.dict(os.environ, {"AWS_PORT": "", "SANDBOX_PORT": "5001"}):
            self.assertEqual((settings.ports().aws, settings.ports().sandbox), (4566, 5001))

    def test_what_is_no_port_is_refused_by_name(self):
        for text in ("http", "80", "70000"):
            with mock.patch.dict(os.environ, {"AWS_PORT": text}), self.assertRaisesRegex(settings.Problem, f"AWS_PORT={text}"):
                settings.ports()

    def test_a_busy_port_is_reported_with_another(self):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            port = listener.getsockname()[1]
            with self.assertRaisesRegex(settings.Problem, f"port {port} is busy.*PORT={port + 1}"):
                processes.require_free(port, "PORT", "the local AWS")


class Processes(unittest.TestCase):
    """A background process is found again, and ended with its children."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        patch = mock.patch.object(processes, "RUN", Path(folder.name))
        patch.start()
        self.addCleanup(patch.stop)

    def test_it_ends_with_its_children(self):
        script = "trap '' TERM; sleep 600 & wait; wait"
        record = processes.start("sleeper", ["sh", "-c", script], dict(os.environ))
        self.assertEqual(processes.running("sleeper")["pid"], record["pid"])
        with mock.patch.object(processes, "STOP_SECONDS", 0.3):
            self.assertTrue(processes.stop("sleeper"))
        self.assertIsNone(processes.running("sleeper"))
        self.assertEqual(processes.members(record["pid"]), [])

    def test_another_process_with_the_same_number_is_not_ours(self):
        processes.record_file("sleeper").write_text(f'{{"pid": {os.getpid()}, "since": "another time"}}', encoding="utf-8")
        self.assertIsNone(processes.running("sleeper"))
        self.assertFalse(processes.stop("sleeper"))

    def test_nothing_recorded_is_nothing_running(self):
        self.assertIsNone(processes.running("nobody"))


class Trial(unittest.TestCase):
    """A workflow on trial is in the local template alone, with a machine as the catalog's have."""

    def test_it_adds_a_machine_and_the_folder_of_its_definition(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        made = Path(folder.name)
        for name, value in {"FOLDER": made, "DEFINITIONS": made / "catalog", "COMPILED": made / "machines", "LOCAL": made}.items():
            patch = mock.patch.object(trial, name, value)
            patch.start()
            self.addCleanup(patch.stop)
        plain = stack.local_template(())
        with mock.patch.object(trial, "catalog", lambda command, _workflow: f'{{"{command}": "${{AutomatedFunctionArn}}"}}'):
            tried = stack.local_template(settings.TEST_WORKFLOWS[:1])
        added = [line.strip() for line in tried.splitlines() if line not in plain.splitlines()]
        self.assertIn(f"CATALOG_DIR: {made}/catalog", added)
        self.assertIn("Name: !Sub ${Stage}-fixture-parallel-paths-v1", added)
        self.assertIn("DefinitionUri: machines/fixture-parallel-paths-v1.asl.json", added)
        self.assertEqual([path.name for path in trial.files()], ["fixture-parallel-paths-v1.json", "fixture-parallel-paths-v1.asl.json"])
        self.assertNotIn("CATALOG_DIR", settings.TEMPLATE.read_text(encoding="utf-8"))


class Tools(unittest.TestCase):
    """What is missing is said with how to get it."""

    def test_missing_rust_names_where_to_get_it(self):
        with mock.patch.object(tools.shutil, "which", return_value=None), self.assertRaisesRegex(settings.Problem, "rustup.rs"):
            tools.require_rust()

    def test_a_cargo_without_its_compiler_is_named_too(self):
        which = {"cargo": "/usr/bin/cargo"}.get
        with mock.patch.object(tools.shutil, "which", which), self.assertRaisesRegex(settings.Problem, "`rustc` is not on the PATH"):
            tools.require_rust()

    def test_a_program_that_was_not_compiled_says_what_compiles_it(self):
        with (
            mock.patch.object(build, "target_folder", return_value=Path("/nowhere")),
            self.assertRaisesRegex(settings.Problem, "/nowhere/debug/demo .*`make up` compiles it"),
        ):
            build.program("demo")

    def test_an_old_python_names_where_to_get_one(self):
        with mock.patch.object(tools.sys, "version_info", (3, 8, 1)), self.assertRaisesRegex(settings.Problem, "python.org"):
            tools.require_python()


class Events(unittest.TestCase):
    """The detail-type of a sample."""

    def test_it_is_what_the_event_says_or_what_the_file_is_called(self):
        for name, value, expected in [
            ("simulation-completed.json", {"data": {}}, "simulation.completed"),
            ("workflow-event.json", {"data": {"type": "step.waiting_user"}}, "step.waiting_user"),
            ("workflow-selected.malformed.json", None, "workflow.selected"),
        ]:
            with mock.patch.dict(os.environ, {"TYPE": ""}):
                self.assertEqual(publish.detail_type(Path(name), value), expected)

    def published(self, content):
        """Publish a file of these bytes; returns the entries that the bus was given."""
        bus = mock.Mock()
        bus.call.return_value = {"Entries": [{"EventId": "e-1"}]}
        with tempfile.TemporaryDirectory() as folder, mock.patch.object(publish, "Aws", return_value=bus):
            file = Path(folder) / "workflow-selected.json"
            file.write_bytes(content)
            with mock.patch.dict(os.environ, {"TYPE": ""}), contextlib.redirect_stdout(io.StringIO()):
                publish.publish("http://127.0.0.1:1", file)
        return bus.call.call_args.kwargs["Entries"]

    def test_what_is_no_json_is_published_as_it_is(self):
        for content in (b'{"data": ', b"", b"[" * 100_000):
            [entry] = self.published(content)
            self.assertEqual((entry["DetailType"], entry["Detail"]), ("workflow.selected", content.decode()))

    def test_a_whole_event_keeps_its_source_and_kind(self):
        [entry] = self.published(b'{"source": "a.b", "detail-type": "c.d", "detail": {"e": 1}}')
        self.assertEqual((entry["Source"], entry["DetailType"], entry["Detail"]), ("a.b", "c.d", '{"e": 1}'))

    def test_what_no_bus_can_carry_is_refused_with_its_place(self):
        with self.assertRaisesRegex(settings.Problem, r"workflow-selected.json:2: byte 0xe9 is not UTF-8"):
            self.published(b'{"data":\n "Caf\xe9"}')
        for part, said in ((b'"detail-type": 5', "`detail-type` is 5"), (b'"detail-type": "a", "source": null', "`source` is null")):
            with self.assertRaisesRegex(settings.Problem, said):
                self.published(b'{"detail": {}, ' + part + b"}")

    def test_a_file_that_cannot_be_read_is_named_with_an_example(self):
        for file in ("nowhere.json", Path(__file__).parent, "x" * 5000):
            with self.assertRaisesRegex(settings.Problem, "make event FILE=events/samples"):
                publish.publish("http://127.0.0.1:1", file)


class Checks(unittest.TestCase):
    """A check shows that it goes on, and what it said where it fails."""

    def run_check(self, script):
        with contextlib.redirect_stderr(io.StringIO()) as shown:
            passed = lint.passes("a check", [sys.executable, "-c", script])
        return passed, shown.getvalue()

    def test_one_that_passes_says_nothing_else(self):
        passed, shown = self.run_check("print('secret')")
        self.assertTrue(passed)
        self.assertRegex(shown, r"^  a check …\n  a check: done in \d+\.\d s\n$")

    def test_one_that_fails_shows_what_it_said(self):
        passed, shown = self.run_check("import sys; print('line 3 is wrong'); sys.exit('and 4')")
        self.assertFalse(passed)
        self.assertRegex(shown, r"(?s)a check …\n  a check: failed in .*line 3 is wrong\nand 4")


class Queue:
    """A queue that answers ten messages at a time and hides them while they are read."""

    def __init__(self, count):
        self.hidden = {str(number): False for number in range(count)}

    def call(self, _service, operation, **given):
        if operation == "ReceiveMessage":
            found = [name for name, hidden in self.hidden.items() if not hidden][: given["MaxNumberOfMessages"]]
            self.hidden.update(dict.fromkeys(found, given["VisibilityTimeout"] > 0))
            return {"Messages": [{"MessageId": name, "ReceiptHandle": name, "Body": name} for name in found]}
        if operation == "ChangeMessageVisibility":
            self.hidden[given["ReceiptHandle"]] = given["VisibilityTimeout"] > 0
        return {"QueueUrl": "queue"}


class Logs(unittest.TestCase):
    """Lines for reading."""

    def test_a_json_line_shows_its_fields(self):
        text = '{"timestamp":"x","level":"WARN","message":"attempt failed","target":"y","error.class":"Timeout"}'
        self.assertRegex(logs.line(0, "automated", text), r"automated +WARN +attempt failed  error.class=Timeout$")

    def test_any_other_line_is_shown_as_it_is(self):
        self.assertTrue(logs.line(0, "automated", "[1, 2]").endswith("[1, 2]"))

    def test_a_failed_invocation_says_which_function_why_and_on_what(self):
        body = (
            '{"requestContext": {"functionArn": "arn:aws:lambda:us-east-1:0:function:local-recommend", "condition": "RetriesExhausted"},'
            '"requestPayload": {"id": "e-1"}, "responsePayload": {"errorType": "Validation", "errorMessage": "no runway"}}'
        )
        self.assertEqual(logs.failure(body), 'FAILURE  recommend: Validation: no runway\n         on {"id": "e-1"}')

    def test_every_failure_is_shown_once_and_stays_in_the_queue(self):
        queue, shown = Queue(23), set()
        self.assertEqual(len(list(logs.new_failures(queue, shown))), 23)
        self.assertEqual(list(logs.new_failures(queue, shown)), [])
        self.assertEqual(set(queue.hidden.values()), {False})


if __name__ == "__main__":
    unittest.main()
