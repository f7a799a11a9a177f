"""What of a request's and an answer's headers goes through the proxy."""

from collections.abc import Iterable
from typing import Final

Headers = list[tuple[bytes, bytes]]

SESSION_COOKIE: Final = b"aiworker_session"
_OWN_KEY: Final = b"aiw_"
# They are about one connection, not about the message (RFC 9110, 7.6.1).
_HOP_BY_HOP: Final = frozenset(
    {
        b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection", b"te",
        b"trailer", b"transfer-encoding", b"upgrade",
    }
)  # fmt: skip
_ABOUT_THE_CLIENT: Final = frozenset(
    {b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-forwarded-port", b"x-real-ip"}
)
_HANDSHAKE: Final = b"sec-websocket-"


def for_program(headers: Iterable[tuple[bytes, bytes]], *, client: str, scheme: str) -> Headers:
    """The request's headers for the program: who asked is added, AiWorker's own credentials stay out."""
    sent = [(name.lower(), value) for name, value in headers]
    dropped = _HOP_BY_HOP | _ABOUT_THE_CLIENT | _named_by_connection(sent) | {b"expect"}
    passed: Headers = []
    for name, value in sent:
        if name in dropped or (name == b"authorization" and _OWN_KEY in value):
            continue
        kept = _without_session(value) if name == b"cookie" else value
        if kept:
            passed.append((name, kept))
    host = next((value for name, value in sent if name == b"host"), b"")
    passed += [
        (b"x-forwarded-for", client.encode("latin-1", "replace")),
        (b"x-forwarded-host", host),
        (b"x-forwarded-proto", scheme.encode()),
    ]
    if any(name == b"transfer-encoding" for name, _ in sent):
        passed.append((b"transfer-encoding", b"chunked"))
    return passed


def for_websocket(headers: Iterable[tuple[bytes, bytes]], *, client: str, scheme: str) -> list[tuple[str, str]]:
    """The same for a handshake, whose own headers are made anew."""
    return [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in for_program(headers, client=client, scheme=scheme)
        if name not in {b"host", b"content-length", b"transfer-encoding"} and not name.startswith(_HANDSHAKE)
    ]


def for_client(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """The answer's headers for the client. A program may set cookies for its own host only, and never AiWorker's."""
    answered = [(name.lower(), value) for name, value in headers]
    dropped = _HOP_BY_HOP | _named_by_connection(answered) | {b"date"}
    passed: Headers = []
    for name, value in answered:
        if name in dropped:
            continue
        kept = _own_host_only(value) if name == b"set-cookie" else value
        if kept is not None:
            passed.append((name, kept))
    return passed


def has_body(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a request with these headers has a body."""
    return any(name.lower() in {b"content-length", b"transfer-encoding"} for name, _ in headers)


def _named_by_connection(headers: Headers) -> frozenset[bytes]:
    named = b",".join(value for name, value in headers if name == b"connection")
    return frozenset(token.strip().lower() for token in named.split(b","))


def _without_session(cookie: bytes) -> bytes:
    pairs = [pair.strip() for pair in cookie.split(b";")]
    return b"; ".join(pair for pair in pairs if pair and pair.partition(b"=")[0].strip() != SESSION_COOKIE)


def _own_host_only(cookie: bytes) -> bytes | None:
    first, *attributes = cookie.split(b";")
    if first.partition(b"=")[0].strip() == SESSION_COOKIE:
        return None
    kept = [each for each in attributes if each.partition(b"=")[0].strip().lower() != b"domain"]
    return b";".join([first, *kept])
