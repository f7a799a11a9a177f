"""The workflows and the Application are what Gitea and Argo CD take, and name what is there."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.kustomize import DEPLOY

ROOT = DEPLOY.parent
WORKFLOWS = sorted((DEPLOY / "gitea").glob("*.yaml"))
IMAGE = (DEPLOY / "Containerfile").read_text()


def read(file: Path) -> dict[Any, Any]:
    return yaml.safe_load(file.read_text())


def steps(workflow: dict[Any, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


@pytest.fixture(params=WORKFLOWS, ids=lambda file: file.stem)
def workflow(request: pytest.FixtureRequest) -> dict[Any, Any]:
    return read(request.param)


def test_a_workflow_has_jobs_that_wait_for_jobs_there_are(workflow: dict[Any, Any]) -> None:
    # YAML takes the word "on" for a truth.
    assert "push" in workflow[True]
    for job in workflow["jobs"].values():
        assert job["runs-on"]
        needs = job.get("needs", [])
        assert {needs} if isinstance(needs, str) else set(needs) <= set(workflow["jobs"])
    assert all(("uses" in step) != ("run" in step) for step in steps(workflow))


def test_what_others_wrote_never_gets_into_a_command_line(workflow: dict[Any, Any]) -> None:
    assert [step["run"] for step in steps(workflow) if "run" in step and "${{" in step["run"]] == []


def test_no_secret_stands_in_a_workflow(workflow: dict[Any, Any]) -> None:
    for step in steps(workflow):
        for name, value in step.get("env", {}).items():
            if re.search("TOKEN|USER", name):
                assert value.startswith("${{ secrets."), name


def test_the_workflow_of_aiworker_builds_the_images_there_are_and_sets_a_tag() -> None:
    ship = read(DEPLOY / "gitea/ship-aiworker.yaml")
    build = next(step["run"] for step in steps(ship) if "docker build" in step.get("run", ""))
    targets = re.search(r"for target in (.+); do", build)
    assert targets is not None
    assert all(f"AS {target}\n" in IMAGE for target in targets[1].split())
    assert '"$image:$COMMIT"' in build
    assert '"$image:latest"' in build
    release = next(step["run"] for step in steps(ship) if "set-image" in step.get("run", ""))
    program, overlay, *_ = shlex.split(release.splitlines()[0])
    assert (ROOT / program).is_file()
    assert (DEPLOY / "kubernetes/overlays" / overlay).is_dir()
    # What it commits does not start it again.
    assert ship[True]["push"]["paths-ignore"] == ["deploy/kubernetes/overlays/**"]
    makes = next(step["run"] for step in steps(ship) if step.get("run", "").startswith("make "))
    made = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert set(makes.split()[1:]) <= made


def test_the_application_rolls_out_an_overlay_there_is() -> None:
    application = read(DEPLOY / "argocd/aiworker.yaml")
    assert (application["apiVersion"], application["kind"]) == ("argoproj.io/v1alpha1", "Application")
    spec = application["spec"]
    assert (ROOT / spec["source"]["path"] / "kustomization.yaml").is_file()
    # Automated here is right: what is in git is what runs. The projects that AiWorker ships have none.
    assert spec["syncPolicy"]["automated"] == {"prune": True, "selfHeal": True}
    (ignored,) = spec["ignoreDifferences"]
    assert (ignored["kind"], ignored["name"], ignored["jsonPointers"]) == ("Deployment", "agent", ["/spec/replicas"])
    assert "RespectIgnoreDifferences=true" in spec["syncPolicy"]["syncOptions"]
