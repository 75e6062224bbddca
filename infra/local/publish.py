"""Put an event from a file on the local bus."""

import json
import os
from pathlib import Path

from aws import Aws
from settings import STAGE, Problem

SOURCE = "household.workflows"


def publish(url, file):
    """Publish `file`: an envelope as in `events/samples`, or a whole event with `detail-type` and `detail`."""
    path = Path(file)
    text = text_of(path)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        # Sent as it is: this is how one sees what becomes of a malformed event.
        print(f"{file} is no JSON ({error}); publishing it all the same")
        value = None
    source, kind, detail = SOURCE, detail_type(path, value), text
    if isinstance(value, dict) and "detail-type" in value and "detail" in value:
        source, kind, detail = value.get("source", SOURCE), value["detail-type"], json.dumps(value["detail"])
    for name, word in (("source", source), ("detail-type", kind)):
        if not isinstance(word, str) or not word:
            raise Problem(f"{file}: `{name}` is {json.dumps(word)}, and the bus takes only text: write it in quotes")
    entry = {"EventBusName": f"{STAGE}-workflows", "Source": source, "DetailType": kind, "Detail": detail}
    answer = Aws(url).call("events", "PutEvents", Entries=[entry])
    failed = [each for each in answer["Entries"] if "ErrorCode" in each]
    if failed:
        raise Problem(f"the bus refused the event: {failed[0]['ErrorCode']} {failed[0].get('ErrorMessage', '')}")
    print(f"published {kind} as {answer['Entries'][0]['EventId']}; `make logs` shows what came of it")


def text_of(path):
    """The text of a file; a Problem where there is none, with the line where it is no UTF-8, which is all that a bus carries."""
    example = "give an event, for example `make event FILE=events/samples/simulation-completed.json`"
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise Problem(f"there is no file {path}: {example}") from None
    except OSError as error:
        raise Problem(f"{path} cannot be read ({error.strerror}): {example}") from None
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Problem(f"{path}:{line}: byte {content[error.start]:#04x} is not UTF-8: save the file as UTF-8") from None


def detail_type(path, value):
    """TYPE, or what the event says it is, or what its sample's file is called."""
    if os.environ.get("TYPE", "").strip():
        return os.environ["TYPE"].strip()
    said = value.get("data", {}).get("type") if isinstance(value, dict) and isinstance(value.get("data"), dict) else None
    if isinstance(said, str) and "." in said:
        return said
    return path.name.split(".")[0].replace("-", ".", 1)
