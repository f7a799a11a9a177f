import json

from tests.integration.cli.conftest import AiWorker
from tests.support import samples
from tests.support.stub_server import Stub, data


def test_create_prints_the_key_and_nothing_else(aiworker: AiWorker, server: Stub) -> None:
    server.on("POST /api/keys", data(samples.key()))
    result = aiworker("key", "create", "--name", "claude", "--scope", "agent")
    assert (result.status, result.out, result.err) == (0, "aiw_ab12secret\n", "")
    assert server.asked[0].body == {"name": "claude", "scope": "agent"}


def test_create_can_let_a_key_expire(aiworker: AiWorker, server: Stub) -> None:
    server.on("POST /api/keys", data(samples.key()))
    aiworker("key", "create", "--name", "claude", "--scope", "agent", "--days", "30")
    assert server.asked[0].body["expiresAt"].startswith("20")


def test_create_can_bind_a_key_to_modules_and_limit_it(aiworker: AiWorker, server: Stub) -> None:
    server.on("POST /api/keys", data(samples.key()))
    named = ("--name", "ocr", "--scope", "module", "--module", "ocr", "--module", "mail@2")
    assert aiworker("key", "create", *named, "--requests-per-minute", "60").status == 0
    assert server.asked[0].body == {
        "name": "ocr",
        "scope": "module",
        "modules": ["ocr", "mail@2"],
        "requestsPerMinute": 60,
    }
    refused = aiworker("key", "create", "--name", "ci", "--scope", "read", "--module", "ocr")
    assert refused.status != 0
    assert "modules go with the scope module only" in refused.err


def test_list_shows_who_is_alive(aiworker: AiWorker, server: Stub) -> None:
    keys = [
        samples.key(),
        samples.key(name="old", revokedAt="2026-09-01T00:00:00Z"),
        samples.key(name="late", expiresAt="2026-01-01T00:00:00Z"),
        samples.key(name="soon", expiresAt="2999-01-01T00:00:00Z"),
        samples.key(name="ocr", scope="module", modules=["ocr", "mail"]),
    ]
    server.on("GET /api/keys", data(keys))
    out = aiworker("key", "list").out
    assert "module: ocr, mail" in out
    assert [line.split()[-1] for line in out.splitlines()[1:]] == ["live", "revoked", "expired", "2999-01-01", "live"]


def test_revoke_finds_a_key_by_its_name(aiworker: AiWorker, server: Stub) -> None:
    server.on("GET /api/keys", data([samples.key(), samples.key(revokedAt="2026-09-01T00:00:00Z")]))
    server.on(f"DELETE /api/keys/{samples.key()['id']}", data(None))
    assert aiworker("key", "revoke", "claude").out == "claude is revoked.\n"


def test_revoke_refuses_a_name_that_two_keys_have(aiworker: AiWorker, server: Stub) -> None:
    server.on("GET /api/keys", data([samples.key(), samples.key(id="other")]))
    result = aiworker("key", "revoke", "claude")
    assert (result.status, result.err) == (1, "aiworker: 2 keys are called claude; name one by its id.\n")


def test_revoke_refuses_a_name_that_no_key_has(aiworker: AiWorker, server: Stub) -> None:
    server.on("GET /api/keys", data([]))
    result = aiworker("key", "revoke", "nobody")
    assert (result.status, result.err) == (1, "aiworker: There is no live key nobody.\n")


def test_json_is_the_servers_data(aiworker: AiWorker, server: Stub) -> None:
    server.on("GET /api/keys", data([samples.key()]))
    assert json.loads(aiworker("key", "list", "--json").out) == [samples.key()]
