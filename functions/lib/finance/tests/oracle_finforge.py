"""Labelled transactions of 60 users by finforge, and how well ledgerline finds the recurring charges among them.

Usage: oracle_finforge.py SEED. Prints ledgerline's precision and recall on one line, then the transactions as CSV.
A stream is one user's charges at one merchant; it counts as recurring with at least three charges labelled so.
"""

import collections
import sqlite3
import sys

from finforge import DatasetGenerator
from ledgerline import recurring

SCHEMA = """
create table transactions(id integer primary key, account_id text, currency text, merchant_clean text,
                          posted_date text, amount_cents integer, recurring_group_id integer);
create table recurring_groups(id integer primary key, label text, expected_amount_cents integer, cadence text,
                              expected_day integer, merchant_clean text, account_id text, currency text,
                              active integer default 1);
"""


def peer_score(frame):
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    connection.executescript(SCHEMA)
    labels = collections.Counter()
    seen = set()
    for row in frame.itertuples():
        connection.execute(
            "insert into transactions(account_id, currency, merchant_clean, posted_date, amount_cents) values (?,?,?,?,?)",
            (row.user_id, "USD", row.merchant, str(row.timestamp)[:10], round(row.amount * 100)),
        )
        if row.amount < 0:
            seen.add((row.user_id, row.merchant))
            labels[(row.user_id, row.merchant)] += bool(row.is_recurring)
    found = {(group["account_id"], group["label"]) for group in recurring.detect(connection)}
    truth = {stream for stream in seen if labels[stream] >= 3}
    hits = len(found & truth)
    false_alarms = sum(1 for stream in found if labels[stream] == 0)
    return hits / (hits + false_alarms), hits / len(truth)


frame = DatasetGenerator(seed=int(sys.argv[1])).with_users(60).with_persona("mixed").for_months(12).generate()
print(*peer_score(frame))
frame.to_csv(sys.stdout, index=False)
