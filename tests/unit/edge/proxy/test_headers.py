import pytest

from aiworker.edge.proxy.headers import for_client, for_program, for_websocket, has_body

Headers = list[tuple[bytes, bytes]]


def passed(*headers: tuple[bytes, bytes]) -> Headers:
    """What is left for the program, without what is always added."""
    through = for_program(headers, client="127.0.0.1", scheme="http")
    return [(name, value) for name, value in through if not name.startswith(b"x-forwarded-")]


def test_ordinary_headers_go_through_in_their_order() -> None:
    headers = [(b"host", b"a.test:3000"), (b"accept", b"text/html"), (b"x-two", b"1"), (b"x-two", b"2")]
    assert passed(*headers) == headers


def test_headers_about_the_connection_stay_behind() -> None:
    assert passed(
        (b"host", b"a.test"),
        (b"Connection", b"keep-alive, X-Private"),
        (b"x-private", b"1"),
        (b"keep-alive", b"timeout=5"),
        (b"te", b"trailers"),
        (b"upgrade", b"h2c"),
        (b"proxy-authorization", b"Basic x"),
        (b"expect", b"100-continue"),
    ) == [(b"host", b"a.test")]


def test_the_program_hears_who_asked_and_not_what_the_client_claims() -> None:
    claims = [(b"host", b"a.test"), (b"x-forwarded-for", b"8.8.8.8"), (b"forwarded", b"for=8.8.8.8")]
    through = for_program(claims, client="127.0.0.1", scheme="https")
    assert through == [
        (b"host", b"a.test"),
        (b"x-forwarded-for", b"127.0.0.1"),
        (b"x-forwarded-host", b"a.test"),
        (b"x-forwarded-proto", b"https"),
    ]


@pytest.mark.parametrize(
    ("cookie", "left"),
    [
        (b"aiworker_session=secret", None),
        (b"theme=dark; aiworker_session=secret; id=1", b"theme=dark; id=1"),
        (b" aiworker_session = secret ;theme=dark", b"theme=dark"),
        (b"my_aiworker_session=1; aiworker_sessions=2", b"my_aiworker_session=1; aiworker_sessions=2"),
    ],
)
def test_the_session_of_aiworker_stays_behind(cookie: bytes, left: bytes | None) -> None:
    assert passed((b"cookie", cookie)) == ([(b"cookie", left)] if left else [])


def test_a_key_of_aiworker_stays_behind_and_a_programs_own_goes_through() -> None:
    assert passed((b"authorization", b"Bearer aiw_admin_0123456789")) == []
    assert passed((b"authorization", b"Basic dXNlcjpwYXNz")) == [(b"authorization", b"Basic dXNlcjpwYXNz")]


def test_a_body_of_unknown_length_stays_one() -> None:
    headers: Headers = [(b"transfer-encoding", b"gzip, chunked")]
    assert has_body(headers)
    assert (b"transfer-encoding", b"chunked") in passed(*headers)
    assert not has_body([(b"host", b"a.test")])


def test_a_handshake_is_made_anew_and_keeps_the_rest() -> None:
    headers = [
        (b"host", b"a.test"),
        (b"origin", b"http://a.test"),
        (b"cookie", b"id=1; aiworker_session=secret"),
        (b"connection", b"Upgrade"),
        (b"upgrade", b"websocket"),
        (b"sec-websocket-key", b"x"),
        (b"sec-websocket-protocol", b"chat"),
    ]
    through = dict(for_websocket(headers, client="127.0.0.1", scheme="http"))
    assert through["origin"] == "http://a.test"
    assert through["cookie"] == "id=1"
    assert not [name for name in through if name.startswith("sec-") or name in {"host", "upgrade", "connection"}]


def test_an_answer_keeps_its_redirects_and_loses_what_is_about_the_connection() -> None:
    answer = [(b"Location", b"/next"), (b"Transfer-Encoding", b"chunked"), (b"Connection", b"close")]
    assert for_client(answer) == [(b"location", b"/next")]


def test_a_program_sets_cookies_for_its_own_host_only() -> None:
    answer = [
        (b"set-cookie", b"id=1; Path=/; Domain=preview.localhost; HttpOnly"),
        (b"set-cookie", b"aiworker_session=forged; Path=/"),
        (b"set-cookie", b"domain=kept"),
    ]
    assert for_client(answer) == [(b"set-cookie", b"id=1; Path=/; HttpOnly"), (b"set-cookie", b"domain=kept")]
