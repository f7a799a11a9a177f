"""What Kubernetes is sent: as its schemas want it, and as whoever runs it expects it."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from aiworker.cli.main import build_cli
from aiworker.core.settings import Settings, load_settings, variable
from tests.integration.cli.conftest import FakeStarters
from tests.support.kustomize import KUBERNETES, OVERLAYS, Json, built, one, overlay

KUBERNETES_VERSION = "1.36"
# Kinds of the Prometheus operator, which are not Kubernetes' own.
FOREIGN = {"PodMonitor", "PrometheusRule"}
KNOWN = {variable(name, field) for name, field in Settings.model_fields.items()}
COMMANDS = {"backend": ["serve"], "worker": ["worker"], "migration": ["db", "upgrade"]}


@pytest.fixture(params=OVERLAYS)
def objects(request: pytest.FixtureRequest) -> tuple[Json, ...]:
    return overlay(request.param)


def pods(objects: tuple[Json, ...]) -> Iterator[tuple[str, Json]]:
    for each in objects:
        if each["kind"] in {"Deployment", "StatefulSet", "Job"}:
            yield each["metadata"]["name"], each["spec"]["template"]["spec"]


def containers(objects: tuple[Json, ...]) -> Iterator[tuple[str, Json]]:
    for name, pod in pods(objects):
        for container in pod["containers"]:
            yield name, container


def test_every_object_is_what_kubernetes_takes(objects: tuple[Json, ...]) -> None:
    for each in objects:
        if each["kind"] not in FOREIGN:
            kubernetes_validate.validate(each, KUBERNETES_VERSION, strict=True)


def test_every_component_can_be_added() -> None:
    for component in sorted((KUBERNETES / "components").iterdir()):
        document = yaml.safe_load((component / "kustomization.yaml").read_text())
        assert document["kind"] == "Component", component.name


def test_names_are_those_of_the_first_installation(objects: tuple[Json, ...]) -> None:
    service = one(objects, "Service", "backend", "control-plane")
    assert service["spec"]["type"] == "ClusterIP"
    assert [port["port"] for port in service["spec"]["ports"]] == [3000]
    backend = one(objects, "Deployment", "backend", "control-plane")
    assert backend["spec"]["replicas"] == 2
    (container,) = backend["spec"]["template"]["spec"]["containers"]
    assert container["resources"] == {
        "requests": {"cpu": "250m", "memory": "256Mi"},
        "limits": {"cpu": "500m", "memory": "512Mi"},
    }
    secrets = {
        (entry["valueFrom"]["secretKeyRef"]["name"], entry["valueFrom"]["secretKeyRef"]["key"])
        for entry in container["env"]
    }
    assert {("backend-secrets", "db-password"), ("backend-secrets", "gitea-token")} <= secrets
    assert backend["spec"]["template"]["spec"]["imagePullSecrets"] == [{"name": "gitea-registry"}]
    ingress = one(objects, "Ingress", "backend", "control-plane")["spec"]
    assert ingress["ingressClassName"] == "nginx"
    assert [entry["secretName"] for entry in ingress["tls"]] == ["backend-tls"]


def test_a_server_is_asked_whether_it_lives_and_whether_it_is_ready(objects: tuple[Json, ...]) -> None:
    (server,) = one(objects, "Deployment", "backend")["spec"]["template"]["spec"]["containers"]
    assert server["livenessProbe"]["httpGet"] == {"path": "/api/health", "port": "http"}
    assert server["readinessProbe"]["httpGet"] == {"path": "/api/ready", "port": "http"}
    (worker,) = one(objects, "Deployment", "worker")["spec"]["template"]["spec"]["containers"]
    assert worker["livenessProbe"]["httpGet"] == {"path": "/api/health", "port": "metrics"}


def test_a_new_version_takes_nobodys_server_away(objects: tuple[Json, ...]) -> None:
    for name in ("backend", "worker"):
        deployment = one(objects, "Deployment", name)["spec"]
        assert deployment["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
        budget = one(objects, "PodDisruptionBudget", name)["spec"]
        labels = deployment["template"]["metadata"]["labels"]
        assert budget["selector"]["matchLabels"].items() <= labels.items()
        assert deployment["template"]["spec"]["topologySpreadConstraints"]


def test_no_pod_may_do_more_than_it_must(objects: tuple[Json, ...]) -> None:
    for name, pod in pods(objects):
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["runAsUser"] > 0, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        if pod.get("serviceAccountName") is None:
            assert pod["automountServiceAccountToken"] is False, name
    for name, container in containers(objects):
        security = container["securityContext"]
        assert security["allowPrivilegeEscalation"] is False, name
        assert security["capabilities"] == {"drop": ["ALL"]}, name
        assert {"requests", "limits"} == set(container["resources"]), name
        if name != "mariadb":
            assert security["readOnlyRootFilesystem"] is True, name


def test_what_a_pod_mounts_refers_to_and_names_is_there(objects: tuple[Json, ...]) -> None:
    made = {(each["kind"], each["metadata"].get("namespace"), each["metadata"]["name"]) for each in objects}
    for each in objects:
        if each["kind"] not in {"Deployment", "StatefulSet", "Job"}:
            continue
        namespace, pod = each["metadata"]["namespace"], each["spec"]["template"]["spec"]
        assert ("Namespace", None, namespace) in made
        if account := pod.get("serviceAccountName"):
            assert ("ServiceAccount", namespace, account) in made
        volumes = {volume["name"] for volume in pod.get("volumes", ())}
        volumes |= {claim["metadata"]["name"] for claim in each["spec"].get("volumeClaimTemplates", ())}
        for container in pod["containers"]:
            assert {mount["name"] for mount in container.get("volumeMounts", ())} <= volumes
            for source in container.get("envFrom", ()):
                assert ("ConfigMap", namespace, source["configMapRef"]["name"]) in made


def test_every_secret_that_a_pod_wants_is_one_to_fill_in() -> None:
    objects = overlay("quickstart")
    secrets = {
        (each["metadata"]["namespace"], each["metadata"]["name"]): set(each["stringData"])
        for each in objects
        if each["kind"] == "Secret"
    }
    for each in objects:
        if each["kind"] not in {"Deployment", "StatefulSet", "Job"}:
            continue
        namespace, pod = each["metadata"]["namespace"], each["spec"]["template"]["spec"]
        for pull in pod.get("imagePullSecrets", ()):
            assert (namespace, pull["name"]) in secrets
        for container in pod["containers"]:
            for entry in container.get("env", ()):
                wanted = entry.get("valueFrom", {}).get("secretKeyRef")
                if wanted and not (wanted.get("optional") and wanted["key"].endswith("-url")):
                    assert wanted["key"] in secrets[namespace, wanted["name"]]


def test_the_placeholder_of_the_secret_key_starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    placeholder = one(overlay("quickstart"), "Secret", "backend-secrets")["stringData"]["secret-key"]
    monkeypatch.setenv("SECRET_KEY", placeholder)
    with pytest.raises(Exception, match="SECRET_KEY is wrong"):
        load_settings(Settings, env_file=None)


@pytest.mark.parametrize("config", ["backend-settings", "agent-settings"])
def test_every_setting_is_one_of_ours_and_well_formed(
    objects: tuple[Json, ...], config: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = one(objects, "ConfigMap", config)["data"]
    assert set(data) <= KNOWN
    for name, value in data.items():
        monkeypatch.setenv(name, value)
    load_settings(Settings, env_file=None)


def test_every_variable_of_a_container_is_one_of_ours(objects: tuple[Json, ...]) -> None:
    others = {"ANTHROPIC_API_KEY", "POD_NAME"}
    for name, container in containers(objects):
        if name not in {"mariadb", "redis"}:
            assert {entry["name"] for entry in container["env"]} <= KNOWN | others, name


def test_every_command_is_one_of_ours(objects: tuple[Json, ...]) -> None:
    cli = build_cli(FakeStarters())
    for name, container in containers(objects):
        if name in COMMANDS:
            assert container["args"] == COMMANDS[name]
        if name not in {"mariadb", "redis"}:
            words = [word.replace("$(POD_NAME)", "agent-7d4b9-x2x8z") for word in container["args"]]
            cli.parse_args(words, exit_on_error=False, print_error=False)


def test_the_server_answers_to_the_name_by_which_agents_call_it(objects: tuple[Json, ...]) -> None:
    called = one(objects, "ConfigMap", "agent-settings")["data"]["AIWORKER_URL"]
    found = re.fullmatch(r"http://(([a-z-]+)\.([a-z-]+)\.svc):(\d+)", called)
    assert found is not None
    host, name, namespace, port = found.groups()
    service = one(objects, "Service", name, namespace)
    assert int(port) in {each["port"] for each in service["spec"]["ports"]}
    allowed = one(objects, "ConfigMap", "backend-settings")["data"]["AIWORKER_ALLOWED_HOSTS"].split(",")
    assert host in allowed


def test_agents_know_nothing_of_the_cluster_and_have_time_to_finish(objects: tuple[Json, ...]) -> None:
    deployment = one(objects, "Deployment", "agent", "agents")["spec"]
    # `aiworker agent scale` says how many there are; a manifest that said it, too, would take that back.
    assert "replicas" not in deployment
    pod = deployment["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert "serviceAccountName" not in pod
    (container,) = pod["containers"]
    grace = float(container["args"][container["args"].index("--grace") + 1])
    assert grace < pod["terminationGracePeriodSeconds"] - 30
    policy = one(objects, "NetworkPolicy", "agent", "agents")["spec"]
    assert policy["podSelector"] == {}
    assert set(policy["policyTypes"]) == {"Ingress", "Egress"}
    assert "ingress" not in policy
    private = {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"}
    everywhere = [to["ipBlock"] for rule in policy["egress"] for to in rule["to"] if "0.0.0.0/0" in str(to)]
    assert [private <= set(block["except"]) for block in everywhere] == [True]


def test_only_the_ingress_agents_and_prometheus_come_in(objects: tuple[Json, ...]) -> None:
    policy = one(objects, "NetworkPolicy", "backend", "control-plane")["spec"]
    for name in ("backend", "worker"):
        labels = one(objects, "Deployment", name)["spec"]["template"]["metadata"]["labels"]
        assert policy["podSelector"]["matchLabels"].items() <= labels.items()
    assert policy["policyTypes"] == ["Ingress"]
    assert all(rule["from"] and rule["ports"] for rule in policy["ingress"])


def test_the_server_may_scale_agents_and_nothing_else_there(objects: tuple[Json, ...]) -> None:
    role = one(objects, "Role", "aiworker-agents", "agents")
    assert role["rules"] == [{"apiGroups": ["apps"], "resources": ["deployments/scale"], "verbs": ["get", "patch"]}]


def test_no_rule_has_a_star(objects: tuple[Json, ...]) -> None:
    for each in objects:
        for rule in each.get("rules", ()) if each["kind"] in {"Role", "ClusterRole"} else ():
            assert "*" not in [*rule["apiGroups"], *rule["resources"], *rule["verbs"]]


def test_with_argo_cd_the_database_is_upgraded_before_the_servers_start(objects: tuple[Json, ...]) -> None:
    def wave(each: Json) -> int:
        return int(each["metadata"].get("annotations", {}).get("argocd.argoproj.io/sync-wave", "0"))

    migration = one(objects, "Job", "migration")
    config = one(objects, "ConfigMap", "backend-settings")
    namespace = one(objects, "Namespace", "control-plane")
    server = one(objects, "Deployment", "backend")
    assert wave(namespace) < wave(config) < wave(migration) < wave(server)
    assert migration["metadata"]["annotations"]["argocd.argoproj.io/hook"] == "Sync"


def test_an_overlay_gives_another_namespace_and_other_names(tmp_path: Path) -> None:
    mine = {
        "namespace": "platform",
        "namePrefix": "aiw-",
        "resources": [os.path.relpath(KUBERNETES / "base", tmp_path)],
    }
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump(mine))
    objects = built(tmp_path)
    deployment = one(objects, "Deployment", "aiw-backend", "platform")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    settings = one(objects, "ConfigMap", "aiw-backend-settings", "platform")
    assert container["envFrom"] == [{"configMapRef": {"name": settings["metadata"]["name"]}}]
    (rule,) = one(objects, "Ingress", "aiw-backend")["spec"]["rules"]
    assert rule["http"]["paths"][0]["backend"]["service"]["name"] == "aiw-backend"
    (subject,) = one(objects, "ClusterRoleBinding", "aiw-aiworker-runtime")["subjects"]
    assert subject == {"kind": "ServiceAccount", "name": "aiw-backend", "namespace": "platform"}
    assert one(objects, "Namespace", "platform")


@pytest.mark.parametrize("component", ["argocd", "shared-home"])
def test_a_component_changes_what_it_says(component: str, tmp_path: Path) -> None:
    mine = {
        "resources": [os.path.relpath(KUBERNETES / "base", tmp_path)],
        "components": [os.path.relpath(KUBERNETES / "components" / component, tmp_path)],
    }
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump(mine))
    objects = built(tmp_path)
    settings = one(objects, "ConfigMap", "backend-settings")["data"]
    if component == "argocd":
        assert settings["ARGOCD_NAMESPACE"] == "argocd"
        assert one(objects, "Role", "aiworker-applications", "argocd")
        return
    assert settings["AIWORKER_HOME_SHARED"] == "true"
    for name in ("backend", "worker"):
        home, _ = one(objects, "Deployment", name)["spec"]["template"]["spec"]["volumes"]
        assert home == {"name": "home", "persistentVolumeClaim": {"claimName": "home"}}
    assert one(objects, "PersistentVolumeClaim", "home")["spec"]["accessModes"] == ["ReadWriteMany"]


@pytest.fixture
def script(tmp_path: Path) -> Path:
    shutil.copytree(KUBERNETES, tmp_path / "kubernetes")
    return tmp_path / "kubernetes/set-image"


def test_a_tag_is_written_into_an_overlay_and_stays_a_text(script: Path) -> None:
    for tag in ("3f2c1d0", "3f2c1d0", "1234567", "123e456"):
        subprocess.run([script, "production", tag], check=True)
        images = yaml.safe_load((script.parent / "overlays/production/kustomization.yaml").read_text())["images"]
        assert [image["newTag"] for image in images] == [tag, tag]
    untouched = (script.parent / "overlays/quickstart/kustomization.yaml").read_text()
    assert untouched == (KUBERNETES / "overlays/quickstart/kustomization.yaml").read_text()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["production", "a b"], "is no tag"),
        (["production", "x|e touch /tmp/x"], "is no tag"),
        (["nowhere", "1"], "there is no overlay"),
        (["production"], "usage:"),
    ],
)
def test_what_is_no_tag_is_not_written(script: Path, words: list[str], told: str) -> None:
    done = subprocess.run([script, *words], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert told in done.stderr
