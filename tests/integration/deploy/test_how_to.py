"""The how-to for Kubernetes, word for word: what it tells to type makes what it says."""

import re
import shutil
import subprocess
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from tests.support.kustomize import DEPLOY, Json, built, one, overlay

HOW_TO = (DEPLOY.parent / "docs/how-to/on-kubernetes.md").read_text()
STEPS = re.findall(r"```sh\n(.*?)```", HOW_TO, flags=re.DOTALL)


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout in which the exports of step 1 and the whole of step 3 were typed."""
    checkout = tmp_path_factory.mktemp("checkout")
    shutil.copytree(DEPLOY, checkout / "deploy")
    exports = "".join(line for line in STEPS[0].splitlines(keepends=True) if line.startswith("export "))
    typed = f"set -euo pipefail\n{exports}{STEPS[2]}"
    subprocess.run(["bash", "-c", typed], cwd=checkout, check=True)
    return checkout / "deploy/kubernetes/overlays/mine"


def test_what_was_typed_makes_an_overlay_that_kubernetes_takes(mine: Path) -> None:
    objects = built(mine)
    for each in objects:
        kubernetes_validate.validate(each, "1.36", strict=True)
    assert one(objects, "Ingress", "backend")["spec"]["rules"][0]["host"] == "aiworker.example.com"
    assert one(objects, "ConfigMap", "backend-settings")["data"]["GITEA_URL"] == "https://gitea.example.com"
    images = {
        container["image"]
        for each in objects
        if each["kind"] in {"Deployment", "Job"}
        for container in each["spec"]["template"]["spec"]["containers"]
    }
    assert {"gitea.example.com/platform/aiworker:1", "gitea.example.com/platform/aiworker-agent:1"} <= images


def test_it_fills_in_every_secret_of_the_quickstart(mine: Path) -> None:
    def secrets(objects: tuple[Json, ...]) -> dict[tuple[str, str], set[str]]:
        return {
            (each["metadata"]["namespace"], each["metadata"]["name"]): set(each["stringData"])
            for each in objects
            if each["kind"] == "Secret"
        }

    objects = built(mine)
    assert secrets(objects) == secrets(overlay("quickstart"))
    assert "change-me" not in str(objects)
    assert len(one(objects, "Secret", "backend-secrets")["stringData"]["secret-key"]) == 64
    (registry,) = (yaml.safe_load(text) for text in registry_logins(objects))
    assert registry["auths"]["gitea.example.com"]["username"] == "ada"
    assert (mine / "secrets.yaml").stat().st_mode & 0o077 == 0


def registry_logins(objects: tuple[Json, ...]) -> set[str]:
    return {each["stringData"][".dockerconfigjson"] for each in objects if each["metadata"]["name"] == "gitea-registry"}


def test_the_key_of_agents_finds_its_place(mine: Path) -> None:
    (line,) = [line for line in STEPS[4].splitlines() if line.startswith("perl ")]
    checkout = mine.parents[3]
    subprocess.run(["bash", "-c", f"TOKEN=aiw_agent_x-Y_1\n{line}"], cwd=checkout, check=True)
    built.cache_clear()
    secret = one(built(mine), "Secret", "agent-secrets")
    assert secret["stringData"]["aiworker-token"] == "aiw_agent_x-Y_1"


def test_an_overlay_of_ones_own_is_not_committed() -> None:
    ignored = subprocess.run(
        ["git", "check-ignore", "deploy/kubernetes/overlays/mine/secrets.yaml"], cwd=DEPLOY.parent, check=False
    )
    assert ignored.returncode == 0
