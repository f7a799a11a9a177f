from tests.integration.cli.conftest import AiWorker
from tests.support.stub_server import Stub, data

ADA = {"login": "ada", "name": "Ada", "role": "maintainer", "createdAt": "2026-09-01T12:00:00Z"}


def test_link_says_who_somebody_of_gitea_is_here(aiworker: AiWorker, server: Stub) -> None:
    server.on("POST /api/forge-people", data(ADA))
    result = aiworker("people", "link", "ada", "--role", "maintainer", "--name", "Ada")
    assert (result.status, result.out) == (0, "ada is Ada here, as maintainer.\n")
    assert server.asked[0].body == {"login": "ada", "role": "maintainer", "name": "Ada"}


def test_list_shows_who_is_linked(aiworker: AiWorker, server: Stub) -> None:
    server.on("GET /api/forge-people", data([ADA]))
    assert aiworker("people", "list").out.splitlines()[1].split()[:3] == ["ada", "Ada", "maintainer"]
    server.on("GET /api/forge-people", data([]))
    assert aiworker("people", "list").out == "Nobody is linked; `aiworker people link LOGIN` does.\n"


def test_unlink_ends_it(aiworker: AiWorker, server: Stub) -> None:
    server.on("DELETE /api/forge-people/ada", data(ADA))
    assert aiworker("people", "unlink", "ada").out == "ada is not linked any more.\n"


def test_a_login_that_cannot_be_one_is_refused_before_anybody_is_asked(aiworker: AiWorker, server: Stub) -> None:
    result = aiworker("people", "link", "ada/bob")
    assert result.status != 0
    assert "login" in result.err
    assert server.asked == []
