"""The twin's sqlite: which events were seen, and which effects they had."""
import os
import sqlite3
import threading
import time
import urllib.request

from twin import SINK_URL, fault

PATH = os.path.join(os.environ["DATA_DIR"], "twin.sqlite")


def connect():
    connection = sqlite3.connect(PATH, timeout=20, isolation_level=None)
    connection.execute("pragma synchronous = off")
    return connection


def create():
    connection = connect()
    connection.execute("pragma journal_mode = wal")
    connection.execute("create table seen (key text primary key, digest text not null)")
    connection.execute("create table effects (event_id text, account text, customer text)")
    connection.close()


def apply_once(key, digest, effect):
    """One transaction: the key and the effect are there together or not at all.

    Returns 'accepted', 'duplicate' or 'conflict' (the key was seen with another body).
    """
    connection = connect()
    try:
        if fault("no-dedupe"):
            insert(connection, effect)
            return "accepted"
        if fault("racy-dedupe"):
            if connection.execute("select 1 from seen where key = ?", [key]).fetchone():
                return "duplicate"
            time.sleep(0.1)
            connection.execute("insert or ignore into seen values (?, ?)", [key, digest])
            insert(connection, effect)
            return "accepted"
        connection.execute("begin immediate")
        is_new = connection.execute("insert into seen values (?, ?) on conflict do nothing", [key, digest]).rowcount == 1
        if is_new:
            insert(connection, effect)
        known = connection.execute("select digest from seen where key = ?", [key]).fetchone()[0]
        connection.execute("commit")
        if is_new:
            return "accepted"
        return "duplicate" if known == digest else "conflict"
    finally:
        connection.close()


def insert(connection, effect):
    connection.execute("insert into effects values (?, ?, ?)", effect)


def effects(event_id=None, account=None):
    connection = connect()
    try:
        return connection.execute(
            "select count(*) from effects where (?1 is null or event_id = ?1) and (?2 is null or account = ?2)",
            [event_id, account],
        ).fetchone()[0]
    finally:
        connection.close()


def deliver(event_id, body):
    """Hands an effect to the sink, when there is one."""
    if SINK_URL is None:
        return
    request = urllib.request.Request(
        SINK_URL, data=body, headers={"content-type": "application/json", "x-event-id": event_id}, method="POST"
    )
    threading.Thread(target=send, args=[request], daemon=True).start()


def send(request):
    try:
        urllib.request.urlopen(request, timeout=2).read(65536)
    except Exception:
        pass
