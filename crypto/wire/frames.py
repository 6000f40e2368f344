"""How verbs travel: a 4-byte big-endian length, then a MessagePack body of one request or reply.

Anything outside the schema ends the connection; there is no verb that is not listed here.
"""

from typing import Any, TypeVar

import msgspec

from crypto.wire import (
    approvals,
    calls,
    ledger,
    lists,
    people,
    records,
    revisions,
    suppressions,
    transfers,
    uploads,
    withdrawals,
)
from crypto.wire.base import Done, Refused, Reply, Request

FRAME_LIMIT = 4 * 1024 * 1024  # bytes; a manifest of about 100,000 chunks

M = TypeVar("M")

AnyRequest = (
    approvals.Requests
    | people.Requests
    | lists.Requests
    | records.Requests
    | ledger.Requests
    | uploads.Requests
    | withdrawals.Requests
    | suppressions.Requests
    | calls.Requests
    | transfers.Requests
    | revisions.Requests
)
AnyReply = (
    Refused
    | Done
    | approvals.Replies
    | people.Replies
    | lists.Replies
    | records.Replies
    | ledger.Replies
    | uploads.Replies
    | withdrawals.Replies
    | suppressions.Replies
    | calls.Replies
    | transfers.Replies
    | revisions.Replies
)

_encoder = msgspec.msgpack.Encoder()
_requests: msgspec.msgpack.Decoder[AnyRequest] = msgspec.msgpack.Decoder(AnyRequest)
_replies: msgspec.msgpack.Decoder[AnyReply] = msgspec.msgpack.Decoder(AnyReply)


def encode(message: Request[Any] | Reply) -> bytes:
    """One frame: length and body."""
    body = _encoder.encode(message)
    return len(body).to_bytes(4, "big") + body


def decode_request(body: bytes) -> AnyRequest:
    """Raises msgspec.DecodeError on anything outside the schema."""
    return _decode(_requests, body)


def decode_reply(body: bytes) -> AnyReply:
    """Raises msgspec.DecodeError on anything outside the schema."""
    return _decode(_replies, body)


def _decode(decoder: msgspec.msgpack.Decoder[M], body: bytes) -> M:
    try:
        return decoder.decode(body)
    except (UnicodeDecodeError, RecursionError) as error:  # a tag that is no text; a nesting bomb
        raise msgspec.DecodeError(type(error).__name__) from None
