"""Follows orders over gRPC: first those that there are, then what happens to them.

Prints a line of JSON for each change, and keeps the resume token of the last one that it has printed in a file. Stopped or killed
at any moment, it goes on where it was; the last change may be printed twice, if it was killed between the two.
"""

import argparse
import json
import os
import pathlib
import sys
import time

import grpc

from contract import queries, query_services, reason_of

# What passes by itself: a restart of the service, a database out of reach, a watch that was too slow.
PASSING = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.DEADLINE_EXCEEDED}
PAUSE_SECONDS = 0.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", default="127.0.0.1:50052", help="query-service")
    parser.add_argument("--filter", default="", help='which orders, such as "state = PLACED"')
    parser.add_argument("--token-file", type=pathlib.Path, default=pathlib.Path("orders.token"))
    arguments = parser.parse_args()
    while True:
        try:
            follow(arguments)
        except grpc.RpcError as error:
            if reason_of(error) == "RESUME_TOKEN_EXPIRED":
                arguments.token_file.unlink()
            elif error.code() not in PASSING:
                raise
            print(f"again in {PAUSE_SECONDS} s: {error.details()}", file=sys.stderr)
        time.sleep(PAUSE_SECONDS)


def follow(arguments: argparse.Namespace) -> None:
    """Follows until the stream ends."""
    file = arguments.token_file
    token = file.read_text() if file.exists() else ""
    request = queries.WatchOrdersRequest(filter=arguments.filter, resume_token=token, include_initial=True)
    # A dead peer is noticed within half a minute, also while nothing is sent.
    alive = [("grpc.keepalive_time_ms", 20_000), ("grpc.keepalive_timeout_ms", 10_000)]
    with grpc.insecure_channel(arguments.address, options=alive) as channel:
        for message in query_services.OrderQueryServiceStub(channel).WatchOrders(request):
            if message.HasField("order_changed"):
                print(json.dumps(line(message.order_changed)), flush=True)
            keep(message.resume_token, file)


def line(changed) -> dict:
    """What is printed about a change."""
    order = changed.order if changed.HasField("order") else None
    return {
        "order": changed.entry.order or order.name,
        "version": changed.entry.version or order.version,
        "events": [event.WhichOneof("event") for event in changed.entry.events],
        "deleted": order is None,
        "matches": changed.matches,
    }


def keep(token: str, file: pathlib.Path) -> None:
    """Replaces the file as a whole: whoever is killed in between leaves the old one or the new one."""
    new = file.with_suffix(".new")
    new.write_text(token)
    os.replace(new, file)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
