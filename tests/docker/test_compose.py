"""The images and the compose file, as far as they can be checked without an engine.

Not checked here: that the images build and run. Where `docker compose` is installed, its own
parser reads the file as well.
"""

import ast
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from calllist.embedded.postgres import ROLES
from crypto.wire.base import Caller

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
OURS = ("keeper", "web", "worker", "beat", "migrate")


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    composed = yaml.safe_load((DOCKER / "compose.yaml").read_text())
    return dict(composed["services"])


def volumes_of(service: dict[str, Any]) -> set[str]:
    return {entry.split(":")[0] for entry in service.get("volumes", [])}


def mounts_of(service: dict[str, Any]) -> set[str]:
    return {entry.split(":")[1] for entry in service.get("volumes", [])}


def test_the_keepers_volume_is_mounted_nowhere_else(services: dict[str, Any]) -> None:
    holders = [name for name, service in services.items() if "keeper" in volumes_of(service)]
    assert holders == ["keeper"]


def test_nobody_else_is_on_the_keepers_network(services: dict[str, Any]) -> None:
    present = [name for name, one in services.items() if "keeper" in one.get("networks", [])]
    assert present == ["keeper"]
    assert services["keeper"]["networks"] == ["keeper"]
    composed = yaml.safe_load((DOCKER / "compose.yaml").read_text())
    assert composed["networks"]["keeper"]["internal"] is True


def test_every_class_of_caller_has_a_socket_and_no_other(services: dict[str, Any]) -> None:
    def sockets(name: str) -> set[str]:
        return {mount for mount in mounts_of(services[name]) if mount.startswith("/run/keeper/")}

    assert sockets("keeper") == {f"/run/keeper/{caller}" for caller in Caller}
    assert sockets("web") == {"/run/keeper/web", "/run/keeper/intake"}
    assert sockets("worker") == {"/run/keeper/worker"}
    assert sockets("beat") == set()
    assert sockets("migrate") == set()


def test_callers_are_told_apart_by_uid(services: dict[str, Any]) -> None:
    uids = {name: services[name]["user"].split(":")[0] for name in ("keeper", "web", "worker")}
    assert len(set(uids.values())) == 3
    dockerfile = (DOCKER / "Dockerfile").read_text()
    allowed = f"web={uids['web']},intake={uids['web']},worker={uids['worker']}"
    assert f'CMD ["--allow", "{allowed}"]' in dockerfile
    said = services["keeper"]["command"]
    assert said[:3] == ["--allow", allowed, "--origin"]
    assert said[3] == services["web"]["environment"]["CALLLIST_ORIGIN"]


@pytest.mark.parametrize("name", OURS)
def test_our_services_are_read_only_powerless_and_nobody_s_root(
    services: dict[str, Any], name: str
) -> None:
    service = services[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert int(service["user"].split(":")[0]) >= 10000
    assert service["ulimits"] == {"core": 0} | ({"memlock": -1} if name == "keeper" else {})


@pytest.mark.parametrize("name", ["rabbitmq", "redis"])
def test_a_broker_is_reached_by_worker_and_beat_alone(name: str) -> None:
    composed = yaml.safe_load((DOCKER / f"{name}.yaml").read_text())
    services = composed["services"]
    assert {one for one, said in services.items() if "broker" in said["networks"]} == {
        "worker",
        "beat",
        name,
    }
    assert composed["networks"]["broker"]["internal"] is True
    assert "ports" not in services[name]
    for one in services.values():
        for variable, value in one.get("environment", {}).items():
            if "USER" not in variable:
                assert value.startswith("${"), variable
                assert ":?" in value, variable


def test_no_secret_stands_in_the_files() -> None:
    for path in (DOCKER / "compose.yaml", DOCKER / "roles.sql", DOCKER / "Dockerfile"):
        text = path.read_text()
        for name, value in re.findall(r"(\w*(?:PASSWORD|DATABASE_URL)\w*):\s*(\S.*)", text):
            assert value.startswith("${"), name
        assert "password '" not in text.replace("password :'", "")


def test_every_secret_is_demanded_and_none_has_a_default(services: dict[str, Any]) -> None:
    for name, service in services.items():
        for variable, value in service.get("environment", {}).items():
            if ("PASSWORD" in variable or "DATABASE_URL" in variable) and name != "migrate":
                assert ":?" in value, (name, variable)


def test_the_database_roles_are_those_of_the_embedded_server() -> None:
    made = re.findall(r"create role (\w+) login", (DOCKER / "roles.sql").read_text())
    assert tuple(made) == ROLES


def test_the_keepers_image_has_everything_crypto_imports_and_no_web_framework() -> None:
    imported = set()
    for path in (ROOT / "crypto").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                imported.add(node.module.split(".")[0])
    foreign = imported - set(sys.stdlib_module_names) - {"crypto"}
    wanted = set(re.findall(r"^([a-z0-9_-]+)>", (DOCKER / "keeper.in").read_text(), re.M))
    assert {"python-pkcs11" if name == "pkcs11" else name for name in foreign} == wanted
    locked = (DOCKER / "keeper.lock").read_text()
    assert not re.search(r"^(fastapi|starlette|celery|sqlalchemy|jinja2)==", locked, re.M)


@pytest.mark.parametrize(
    "lock", ["requirements.lock", "docker/keeper.lock", "docker/platform.lock"]
)
def test_locks_pin_with_hashes_and_name_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    for block in re.split(r"\n(?=\S)", text.strip()):
        if "==" in block.splitlines()[0]:
            assert "--hash=sha256:" in block, block.splitlines()[0]


def test_images_pin_the_versions_that_the_tests_ran_with() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^([\w.\-]+==[\w.\-]+)", (ROOT / name).read_text(), re.M))

    tested = pins("requirements.lock")
    assert pins("docker/keeper.lock") <= tested
    assert pins("docker/platform.lock") <= tested
