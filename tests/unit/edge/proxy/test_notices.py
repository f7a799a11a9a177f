from aiworker.delivery.ports.runtime import Waiting
from aiworker.edge.proxy.notices import NO_SUCH_PREVIEW, waiting


def text(body: bytes | memoryview) -> str:
    return bytes(body).decode()


def test_a_preview_that_starts_is_asked_again_soon() -> None:
    response = waiting(Waiting("starting", "Not yet.")).response(html=True)
    assert (response.status_code, response.headers["retry-after"]) == (503, "2")
    assert '<meta http-equiv="refresh" content="2">' in text(response.body)


def test_what_a_program_said_cannot_become_part_of_the_page() -> None:
    page = text(waiting(Waiting("stopped", "<script>alert(1)</script> {x}")).response(html=True).body)
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {x}" in page


def test_a_program_that_asks_gets_a_line_of_text() -> None:
    response = NO_SUCH_PREVIEW.response(html=False)
    assert response.status_code == 404
    assert text(response.body).startswith("No such preview. ")
    assert "retry-after" not in response.headers
