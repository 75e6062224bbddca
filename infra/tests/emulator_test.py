"""The corrections of the emulator; runs in the emulator's own environment, see `local/lint.py`."""

import sys
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "local"))
import emulator  # noqa: E402


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


if __name__ == "__main__":
    unittest.main()
