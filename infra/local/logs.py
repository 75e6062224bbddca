"""What the functions logged, and what lies in the failure queue with the reason."""

import collections
import json
import time

import processes
from aws import Aws, AwsError
from settings import STAGE

# Lines of Lambda itself, which say nothing about the work.
FRAME = ("START RequestId", "END RequestId", "REPORT RequestId", "INIT_START")
# Fields that every line has.
COMMON = ("timestamp", "level", "message", "target", "request_id")
POLL_SECONDS = 1
WARNING = ("WARN", "ERROR")
MOST_KINDS = 60
# Longer than it takes to read the failure queue.
HIDDEN_SECONDS = 20


def show(url, follow, minutes):
    """Print the log lines of the last minutes, then the failures; with `follow`, go on until interrupted."""
    aws = Aws(url)
    since = int((time.time() - minutes * 60) * 1000)
    seen, failures = set(), set()
    while True:
        lines = sorted(new_lines(aws, since, seen))
        for when, name, text in lines:
            print(line(when, name, text))
        for message in new_failures(aws, failures):
            print(message)
        if not follow:
            if not failures:
                print(f"the failure queue is empty; the local AWS's own log is {processes.log_file('aws')}")
            return
        time.sleep(POLL_SECONDS)


def warnings(url, since):
    """Print what the functions warned of since a time in seconds, each kind once with how often; some are provoked by tests."""
    kinds = collections.Counter()
    for _, name, text in new_lines(Aws(url), int(since * 1000), set()):
        fields = parsed(text)
        if fields.get("level") in WARNING:
            kinds[f"{name:<20} {fields['level']:<5} {fields.get('message', '')}  {fields.get('error.chain', '')}".rstrip()] += 1
    print(f"what the functions warned of, of {len(kinds)} kinds the most frequent:")
    for kind, count in kinds.most_common(MOST_KINDS):
        print(f"{count:>5}  {kind}")


def new_lines(aws, since, seen):
    """Log lines not shown yet, as (time in ms, function, text)."""
    groups = aws.call("logs", "DescribeLogGroups", logGroupNamePrefix=f"/aws/lambda/{STAGE}-")["logGroups"]
    for group in groups:
        name = group["logGroupName"]
        token = {}
        while True:
            answer = aws.call("logs", "FilterLogEvents", logGroupName=name, startTime=since, **token)
            for event in answer.get("events", []):
                key = (name, event["eventId"]) if "eventId" in event else (name, event["timestamp"], event["message"])
                if key not in seen:
                    seen.add(key)
                    text = event["message"].rstrip()
                    if text and not text.startswith(FRAME):
                        yield event["timestamp"], name.removeprefix(f"/aws/lambda/{STAGE}-"), text
            if not answer.get("nextToken"):
                break
            token = {"nextToken": answer["nextToken"]}


def line(when, name, text):
    """A log line for reading: JSON lines as level, message and fields."""
    clock = time.strftime("%H:%M:%S", time.localtime(when / 1000))
    fields = parsed(text)
    if not fields:
        return f"{clock}  {name:<20} {text}"
    rest = "  ".join(f"{key}={value}" for key, value in fields.items() if key not in COMMON)
    return f"{clock}  {name:<20} {fields.get('level', ''):<5} {fields.get('message', '')}  {rest}".rstrip()


def parsed(text):
    """The fields of a JSON line; none of any other."""
    try:
        fields = json.loads(text)
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}


def new_failures(aws, shown):
    """Messages of the failure queue not shown yet. They stay there: each is hidden only until all are read."""
    try:
        queue = aws.call("sqs", "GetQueueUrl", QueueName=f"{STAGE}-failures")["QueueUrl"]
        messages = list(received(aws, queue))
        for message in messages:
            handle = message["ReceiptHandle"]
            aws.call("sqs", "ChangeMessageVisibility", QueueUrl=queue, ReceiptHandle=handle, VisibilityTimeout=0)
    except AwsError:
        return
    for message in messages:
        if message["MessageId"] not in shown:
            shown.add(message["MessageId"])
            yield failure(message["Body"])


def received(aws, queue):
    """All messages of a queue, ten at a time, which is the most that one call answers."""
    while True:
        answer = aws.call("sqs", "ReceiveMessage", QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=HIDDEN_SECONDS)
        if not answer.get("Messages"):
            return
        yield from answer["Messages"]


def failure(body):
    """A message of the failure queue for reading: which function, why, and on what."""
    try:
        value = json.loads(body)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        return f"FAILURE  {body}"
    context = value.get("requestContext", {})
    name = context.get("functionArn", "").rpartition(":function:")[2].split(":")[0].removeprefix(f"{STAGE}-")
    reason = value.get("responsePayload") or {}
    if "DDBStreamBatchInfo" in value:
        on = f"stream records from {value['DDBStreamBatchInfo']['startSequenceNumber']}"
    else:
        on = json.dumps(value.get("requestPayload", value), ensure_ascii=False)
    return (
        f"FAILURE  {name or 'event'}: {reason.get('errorType', context.get('condition', 'not delivered'))}: "
        f"{reason.get('errorMessage', '')}\n         on {on}"
    )
