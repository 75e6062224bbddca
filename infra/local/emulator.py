"""Start MiniStack, the local AWS, with the corrections this project's failure handling needs.

Runs inside the emulator's own virtual environment, as `python emulator.py`. MiniStack is pinned in
`requirements/emulator.txt`; each correction below names what AWS does and what that version does instead. All but the last concern failures: the code
under `functions/` is written for AWS, and a failure must take the same way on a laptop.
"""

import copy
import sys
import threading
import time

from ministack import app
from ministack.services import eventbridge, lambda_svc, stepfunctions

# AWS waits longer; the shape (a bounded number of tries, then the failure destination) is what matters here.
STREAM_RETRY_SECONDS = 0.3


def original(module, name):
    """A function of MiniStack that is corrected here, or the end where this version has none of that name."""
    function = getattr(module, name, None)
    if not callable(function):
        sys.exit(
            f"this MiniStack has no function {module.__name__}.{name}, which infra/local/emulator.py corrects: "
            "install the version in infra/local/requirements/emulator.txt, or see whether the correction is still needed"
        )
    return function


_execute_function = original(lambda_svc, "_execute_function")
_execute_function_proxy = original(lambda_svc, "_execute_function_proxy")
_call_lambda = original(stepfunctions, "_call_lambda")
_invoke_with_callback = original(stepfunctions, "_invoke_with_callback")
_run_sub_machine = original(stepfunctions, "_run_sub_machine")
_waiting = threading.local()


def dispatch_to_lambda(arn, payload):
    """A rule invokes a function asynchronously: retries, then the on-failure destination.

    MiniStack calls it once and forgets a failure.
    """
    func, config, name = lambda_svc._get_func_record_for_ref(arn)
    if not func or not config:
        eventbridge.logger.warning("EventBridge -> Lambda: function %s not found", name)
        return
    event = eventbridge.json.loads(payload)
    lambda_svc.invoke_async_with_retry(lambda_svc._execution_record_for_config(func, config), event)


def execute_function(func, event, *args, **kwargs):
    """A stream batch is redelivered from its first failed record on, a limited number of times, then set aside.

    MiniStack ignores `batchItemFailures` (the record is lost) and retries a failing batch for ever.
    """
    records = event.get("Records") if isinstance(event, dict) else None
    if not records or records[0].get("eventSource") != "aws:dynamodb":
        return _execute_function(func, event, *args, **kwargs)
    mapping = event_source_mapping(func, records[0]["eventSourceARN"])
    if mapping is None:
        return _execute_function(func, event, *args, **kwargs)
    deliver(func, mapping, records)
    return {"body": None}


def event_source_mapping(func, source_arn):
    """The mapping from this stream to this function."""
    name = (func.get("config") or func)["FunctionName"]
    for _account, _region, mapping in lambda_svc._iter_all_esms():
        if mapping.get("EventSourceArn") == source_arn and mapping.get("FunctionName") in (name, mapping.get("FunctionArn")):
            return mapping
    return None


def deliver(func, mapping, records):
    """Deliver `records`, in order, until each has succeeded or has gone to the mapping's failure destination."""
    limit = mapping.get("MaximumRetryAttempts")
    attempt = 0
    while records:
        result = _execute_function(func, {"Records": records})
        failed_at = first_failure(result, records)
        if failed_at is None:
            return
        if failed_at > 0:
            records, attempt = records[failed_at:], 0
        elif limit is not None and 0 <= limit <= attempt:
            lambda_svc._send_ddb_stream_failure_record(
                mapping, func, records[:1], mapping["EventSourceArn"], result, "RetryAttemptsExhausted"
            )
            records, attempt = records[1:], 0
        else:
            attempt += 1
        time.sleep(STREAM_RETRY_SECONDS)


def first_failure(result, records):
    """Index of the first record that was not processed, or None when all were."""
    if result.get("error"):
        return 0
    body = result.get("body")
    if isinstance(body, (str, bytes)) and body:
        body = lambda_svc.json.loads(body)
    failures = body.get("batchItemFailures") if isinstance(body, dict) else None
    if not failures:
        return None
    failed = {failure.get("itemIdentifier") for failure in failures}
    for index, record in enumerate(records):
        if record["dynamodb"]["SequenceNumber"] in failed:
            return index
    return 0


def execute_function_proxy(func, event, url, request_id):
    """A function served by `cargo lambda watch` fails with its own `errorType`.

    MiniStack puts the whole answer into the message of an error of its own.
    """
    result = _execute_function_proxy(func, event, url, request_id)
    body = result.get("body")
    if result.get("error") and isinstance(body, dict):
        answer = str(body.get("errorMessage", "")).partition(": ")[2]
        try:
            own = lambda_svc.json.loads(answer)
        except ValueError:
            return result
        if isinstance(own, dict) and "errorType" in own:
            return {**result, "body": own}
    return result


def invoke_with_callback(resource, input_data, token, state_def):
    """Remember which token this thread's state waits for."""
    _waiting.token = token
    try:
        return _invoke_with_callback(resource, input_data, token, state_def)
    finally:
        _waiting.token = None


def call_lambda(func_ref, event):
    """A Lambda error in a `.waitForTaskToken` state fails the state, so that its Retry and Catch apply.

    MiniStack swallows it, and the state waits for its whole timeout.
    """
    try:
        return _call_lambda(func_ref, event)
    except stepfunctions._ExecutionError as error:
        entry = stepfunctions._task_tokens.get(getattr(_waiting, "token", None))
        if entry is not None:
            entry["error"] = {"Error": error.error, "Cause": error.cause}
            entry["event"].set()
        raise


def run_sub_machine(states, start_at, input_data, execution, ctx, *args, **kwargs):
    """Each branch of a Parallel has a context object of its own: the token in it is that of the branch's own state.

    MiniStack shares one, so that of two branches that begin to wait at the same time one may get the other's token, and waits for ever.
    """
    return _run_sub_machine(states, start_at, input_data, execution, copy.deepcopy(ctx), *args, **kwargs)


# Each is called like the function it corrects, without the underscore.
CORRECTIONS = {
    eventbridge: (dispatch_to_lambda,),
    lambda_svc: (execute_function, execute_function_proxy),
    stepfunctions: (call_lambda, invoke_with_callback, run_sub_machine),
}


def correct():
    """Put the corrections in place of what they correct, once all of that is found."""
    found = [(module, f"_{each.__name__}", each) for module, corrections in CORRECTIONS.items() for each in corrections]
    for module, name, _correction in found:
        original(module, name)
    for module, name, correction in found:
        setattr(module, name, correction)


if __name__ == "__main__":
    correct()
    sys.exit(app.main())
