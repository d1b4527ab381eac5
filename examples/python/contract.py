"""The wire contract, compiled from proto/ when an example starts. A service of your own would generate its code once."""

import pathlib
import sys

import grpc

PROTO = pathlib.Path(__file__).resolve().parents[2] / "proto"
sys.path.insert(0, str(PROTO))

queries, query_services = grpc.protos_and_services("orders/v1/order_query_service.proto")
events = grpc.protos("orders/v1/order_event.proto")
errors = grpc.protos("orders/v1/error_reason.proto")
details = grpc.protos("google/rpc/error_details.proto")
status = grpc.protos("google/rpc/status.proto")


def reason_of(error: grpc.RpcError) -> str:
    """Why a call was refused: the reason of the catalogue, or nothing if the service did not get to say one."""
    for key, value in error.trailing_metadata() or ():
        if key != "grpc-status-details-bin":
            continue
        info = details.ErrorInfo()
        if any(detail.Unpack(info) for detail in status.Status.FromString(value).details):
            return info.reason
    return ""


def event_type(name: str):
    """The message that a `ce-type` such as `orders.v1.OrderPlaced` names."""
    return getattr(events, name.removeprefix("orders.v1."))
