"""The corrections of the emulator; runs in the emulator's own environment, see `local/lint.py`."""

import queue
import sys
import threading
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "local"))
import emulator  # noqa: E402

ARN = "arn:aws:lambda:us-east-1:000000000000:function:f"


def record(number):
    """A stream record."""
    return {"eventSource": "aws:dynamodb", "eventSourceARN": "stream", "dynamodb": {"SequenceNumber": str(number)}}


class Streams(unittest.TestCase):
    """A batch is redelivered from its first failed record, a limited number of times."""

    def deliver(self, poison, limit, whole=False):
        """Deliver records 1 to 4 to a function that fails on `poison`; returns what it saw and what was set aside."""
        seen, aside = [], []

        def execute(_func, event):
            numbers = [int(each["dynamodb"]["SequenceNumber"]) for each in event["Records"]]
            seen.append(numbers)
            failed = [number for number in numbers if number in poison]
            if failed and whole:
                return {"error": True, "body": {"errorType": "Defect"}}
            return {"body": {"batchItemFailures": [{"itemIdentifier": str(number)} for number in failed]}}

        def set_aside(_mapping, _func, records, *_rest):
            aside.extend(int(each["dynamodb"]["SequenceNumber"]) for each in records)

        mapping = {"EventSourceArn": "stream", "MaximumRetryAttempts": limit}
        with (
            mock.patch.object(emulator, "_execute_function", execute),
            mock.patch.object(emulator, "STREAM_RETRY_SECONDS", 0),
            mock.patch.object(emulator.lambda_svc, "_send_ddb_stream_failure_record", set_aside),
        ):
            emulator.deliver({}, mapping, [record(number) for number in (1, 2, 3, 4)])
        return seen, aside

    def test_all_well_is_delivered_once(self):
        self.assertEqual(self.deliver(set(), 2), ([[1, 2, 3, 4]], []))

    def test_a_failed_record_is_retried_then_set_aside_and_the_rest_goes_on(self):
        self.assertEqual(self.deliver({2}, 1), ([[1, 2, 3, 4], [2, 3, 4], [2, 3, 4], [3, 4]], [2]))

    def test_a_failed_function_sets_aside_what_it_cannot_take(self):
        seen, aside = self.deliver({1}, 1, whole=True)
        self.assertEqual((seen, aside), ([[1, 2, 3, 4], [1, 2, 3, 4], [2, 3, 4]], [1]))


class Watched(unittest.TestCase):
    """A function served from the working tree fails with its own class."""

    def test_the_class_is_taken_from_the_answer(self):
        answer = {"error": True, "body": {"errorMessage": 'Proxy target returned HTTP 500: {"errorType":"Validation"}'}}
        with mock.patch.object(emulator, "_execute_function_proxy", return_value=answer):
            self.assertEqual(emulator.execute_function_proxy({}, {}, "", "")["body"], {"errorType": "Validation"})

    def test_any_other_failure_stays_as_it_is(self):
        answer = {"error": True, "body": {"errorMessage": "Proxy target unreachable: refused"}}
        with mock.patch.object(emulator, "_execute_function_proxy", return_value=answer):
            self.assertEqual(emulator.execute_function_proxy({}, {}, "", ""), answer)


class Branches(unittest.TestCase):
    """Two branches of a Parallel that begin to wait at the same time each wait for a token of their own."""

    def test_no_branch_sees_the_token_of_another(self):
        both, seen = threading.Barrier(2), {}

        def run(_states, name, _input, _execution, context):
            context["Task"] = {"Token": name}
            both.wait(timeout=10)
            seen[name] = context["Task"]["Token"]

        state = {"Branches": [{"StartAt": "a", "States": {}}, {"StartAt": "b", "States": {}}], "End": True}
        with (
            mock.patch.object(emulator, "_run_sub_machine", run),
            mock.patch.object(emulator.stepfunctions, "_run_sub_machine", emulator.run_sub_machine),
        ):
            emulator.stepfunctions._run_parallel_branches(state, {}, {}, {"Execution": {}})
        self.assertEqual(seen, {"a": "a", "b": "b"})


class Corrected(unittest.TestCase):
    """With every correction in place, as when the emulator runs."""

    def setUp(self):
        for module, corrections in emulator.CORRECTIONS.items():
            for each in corrections:
                name = f"_{each.__name__}"
                self.addCleanup(setattr, module, name, getattr(module, name))
        emulator.correct()

    def patch(self, module, name, value):
        patch = mock.patch.object(module, name, value)
        patch.start()
        self.addCleanup(patch.stop)

    def function(self, answers, **record):
        """A function `f` that gives these answers, one a call; returns what it was called with."""
        calls = []
        known = {"config": {"FunctionName": "f", "FunctionArn": ARN}, **record}

        def execute(_func, event, *_args, **_kwargs):
            calls.append(event)
            return answers[len(calls) - 1]

        self.patch(emulator, "_execute_function", execute)
        self.patch(emulator.lambda_svc, "_get_func_record_for_ref", lambda ref: (known, known["config"], "f") if ref == ARN else (None, None, ref))
        return calls

    def test_a_rules_function_is_retried_and_its_last_failure_goes_to_the_destination(self):
        failed = {"error": True, "body": {"errorType": "Validation"}}
        invoke = {"MaximumRetryAttempts": 1, "DestinationConfig": {"OnFailure": {"Destination": "queue"}}}
        calls = self.function([failed, failed], event_invoke_config=invoke)
        routed = queue.Queue()
        self.patch(emulator.lambda_svc, "_LAMBDA_ASYNC_RETRY_BASE_SECONDS", 0)
        self.patch(emulator.lambda_svc, "_route_async_failure", lambda *failure: routed.put(failure))
        emulator.eventbridge._dispatch_to_lambda(ARN, '{"id": 1}')
        self.assertEqual(routed.get(timeout=30), ("queue", "f", {"id": 1}, failed))
        self.assertEqual(calls, [{"id": 1}, {"id": 1}])

    def test_a_rule_with_an_unknown_function_calls_none(self):
        calls = self.function([])
        emulator.eventbridge._dispatch_to_lambda(f"{ARN}-gone", "{}")
        self.assertEqual(calls, [])

    def wait_for_token(self):
        """Enter a state that waits for a token; gives up after a while that nothing here needs."""
        arguments = {"FunctionName": ARN, "Payload": {"token": "t"}}
        resource = "arn:aws:states:::lambda:invoke.waitForTaskToken"
        return emulator.stepfunctions._invoke_with_callback(resource, arguments, "t", {"TimeoutSeconds": 30})

    def test_a_state_that_waits_for_a_token_fails_with_its_function(self):
        self.function([{"error": True, "body": {"errorType": "Critical", "errorMessage": "no"}}])
        with self.assertRaises(emulator.stepfunctions._ExecutionError) as raised:
            self.wait_for_token()
        self.assertEqual(raised.exception.error, "Critical")

    def test_a_function_that_only_returned_leaves_its_state_waiting_for_the_token(self):
        calls = self.function([{"body": {}}])
        entered = threading.Event()

        def complete():
            entered.wait(30)
            entry = emulator.stepfunctions._task_tokens["t"]
            entry["result"] = '{"done": true}'
            entry["event"].set()

        execute = emulator._execute_function
        self.patch(emulator, "_execute_function", lambda *given, **named: (execute(*given, **named), entered.set())[0])
        answering = threading.Thread(target=complete)
        answering.start()
        self.addCleanup(answering.join)
        self.assertEqual(self.wait_for_token(), {"done": True})
        self.assertEqual(calls, [{"token": "t"}])

    def test_a_failure_outside_of_a_token_state_is_its_callers_alone(self):
        self.function([{"error": True, "body": {"errorType": "Critical"}}])
        with self.assertRaises(emulator.stepfunctions._ExecutionError):
            emulator.stepfunctions._call_lambda(ARN, {})


class Versions(unittest.TestCase):
    """A MiniStack that lacks what is corrected is refused, and nothing of it is changed."""

    def test_a_function_that_is_gone_is_named(self):
        for module, corrections in emulator.CORRECTIONS.items():
            for each in corrections:
                name = f"_{each.__name__}"
                before = emulator.lambda_svc._execute_function
                with self.subTest(name), mock.patch.object(module, name, None):
                    with self.assertRaisesRegex(SystemExit, rf"no function {module.__name__}\.{name}, .*emulator.txt"):
                        emulator.correct()
                self.assertIs(emulator.lambda_svc._execute_function, before)


if __name__ == "__main__":
    unittest.main()
