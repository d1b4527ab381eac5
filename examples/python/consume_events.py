"""Consumes the events of orders from NATS JetStream, each once.

Prints a line of JSON for each event. JetStream delivers at least once, so the ids of events that were dealt with are kept in a
SQLite database, where a real consumer would keep what it makes of them, in the same transaction. Stopped or killed at any moment,
it goes on where it was.
"""

import argparse
import asyncio
import json
import sqlite3
import sys

import nats
from nats.js.api import ConsumerConfig
from nats.js.errors import NotFoundError
from google.protobuf.json_format import MessageToDict

from contract import event_type

# After how long an event that was delivered and not acknowledged, as by one who was killed, is delivered again.
ACK_WAIT_SECONDS = 5


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default="nats://127.0.0.1:4222")
    parser.add_argument("--subject", default="orders.>", help="such as orders.TENANT.*.OrderPlaced")
    parser.add_argument("--durable", default="example", help="the name under which JetStream keeps the place")
    parser.add_argument("--database", default="events.sqlite")
    arguments = parser.parse_args()

    database = sqlite3.connect(arguments.database)
    database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY, line TEXT NOT NULL)")
    connection = await nats.connect(arguments.server, max_reconnect_attempts=-1, reconnect_time_wait=0.5)
    events = await subscription(connection.jetstream(), arguments)
    while True:
        try:
            messages = await events.fetch(100, timeout=5)
        except (asyncio.TimeoutError, nats.errors.Error):
            if await is_gone(events):
                print("the stream or the consumer is gone: subscribing again", file=sys.stderr, flush=True)
                events = await subscription(connection.jetstream(), arguments)
            await asyncio.sleep(0.1)
            continue
        for message in messages:
            deal_with(message, database)
            await message.ack()


async def subscription(jetstream, arguments: argparse.Namespace):
    """The durable subscription, once there is a stream: command-service makes it."""
    config = ConsumerConfig(ack_wait=ACK_WAIT_SECONDS)
    while True:
        try:
            return await jetstream.pull_subscribe(
                arguments.subject, durable=arguments.durable, stream="orders", config=config
            )
        except NotFoundError:
            await asyncio.sleep(0.5)


async def is_gone(events) -> bool:
    """Whether JetStream knows the subscription no more; while NATS is away, nobody can tell."""
    try:
        await events.consumer_info()
    except NotFoundError:
        return True
    except (asyncio.TimeoutError, nats.errors.Error):
        pass
    return False


def deal_with(message, database: sqlite3.Connection) -> None:
    """Deals with an event, unless that was done before."""
    event_id = message.headers["ce-id"]
    line = json.dumps({"id": event_id, "type": message.headers["ce-type"], "subject": message.subject, "data": data(message)})
    with database:
        new = database.execute("INSERT INTO events VALUES (?, ?) ON CONFLICT DO NOTHING", (event_id, line)).rowcount
    if new:
        print(line, flush=True)


def data(message) -> dict:
    """The event itself, whichever of the two forms the relay sends it in."""
    if message.headers["content-type"] == "application/json":
        return json.loads(message.data)
    event = event_type(message.headers["ce-type"]).FromString(message.data)
    return MessageToDict(event)


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
