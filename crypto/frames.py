"""How verbs travel: a 4-byte big-endian length, then a MessagePack body of one request or reply.

Anything outside the schema ends the connection; there is no verb that is not listed here.
"""

from typing import Any

import msgspec

from crypto.wire import (
    Abandon,
    Certified,
    Certify,
    Close,
    Closed,
    Done,
    Enrol,
    Enrolled,
    Event,
    Freeze,
    Grant,
    Granted,
    Head,
    Inspect,
    LedgerHead,
    ListState,
    Manifest,
    Match,
    Matched,
    Mint,
    Minted,
    Open,
    OpenCounts,
    Opens,
    Pin,
    Recall,
    Recalled,
    Refused,
    Reply,
    Request,
    Reveal,
    Revealed,
    Revoke,
    Shred,
    Submit,
    View,
)

FRAME_LIMIT = 4 * 1024 * 1024  # bytes; a manifest of about 100,000 chunks

AnyRequest = (
    Pin
    | Submit
    | Enrol
    | Grant
    | Revoke
    | Mint
    | Manifest
    | Abandon
    | Freeze
    | Shred
    | Certify
    | Inspect
    | Open
    | Match
    | Reveal
    | Close
    | Recall
    | Event
    | Head
    | Opens
)
AnyReply = (
    Refused
    | Done
    | Enrolled
    | Granted
    | Minted
    | Certified
    | ListState
    | View
    | Matched
    | Revealed
    | Closed
    | Recalled
    | LedgerHead
    | OpenCounts
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
    return _requests.decode(body)


def decode_reply(body: bytes) -> AnyReply:
    """Raises msgspec.DecodeError on anything outside the schema."""
    return _replies.decode(body)
