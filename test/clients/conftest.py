"""A running Cairn, as other teams reach it: through the gateway, with a token, by clients that know nothing of Cairn."""

import json
import os
import uuid
from collections import Counter
from pathlib import Path

import mlflow
import pytest
import requests
from packaging.version import Version
from serving_models import DATATYPES, serve_identity

GATEWAY = os.environ["CAIRN_GATEWAY_URL"]
TOKENS = json.loads(os.environ["CAIRN_CLIENT_TOKENS"])
SERVICES = json.loads(os.environ["CAIRN_SERVICE_URLS"])
FIXTURES = Path(os.environ["CAIRN_CLIENT_FIXTURES"])
IS_NEWEST = "CAIRN_CLIENTS_NEWEST" in os.environ

LEFT_OUT: Counter[str] = Counter()


def pytest_configure(config):
    config.addinivalue_line("markers", "since(version, feature): the first version of MLflow whose client has the feature")
    config.addinivalue_line("markers", "newest(reason): with the newest clients alone, since it is about the server")


def reason_to_leave_out(item) -> str | None:
    for mark in item.iter_markers("since"):
        version, feature = mark.args
        if Version(mlflow.__version__) < Version(version):
            return f"MLflow {version} brought {feature}"
    newest = item.get_closest_marker("newest")
    return None if IS_NEWEST or newest is None else f"with the newest clients alone: {newest.args[0]}"


def pytest_collection_modifyitems(config, items):
    """What a client does not have can not be tried with it; `pytest_terminal_summary` says what that was."""
    reasons = {item: reason_to_leave_out(item) for item in items}
    LEFT_OUT.update(reason for reason in reasons.values() if reason is not None)
    config.hook.pytest_deselected(items=[item for item in items if reasons[item] is not None])
    items[:] = [item for item in items if reasons[item] is None]


def pytest_terminal_summary(terminalreporter):
    for reason, count in sorted(LEFT_OUT.items()):
        terminalreporter.write_line(f"left out with MLflow {mlflow.__version__}: {count} ({reason})")


class Principal:
    """Somebody with a token, for the routes that no foreign protocol has."""

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def headers(self) -> dict[str, str]:
        """New every time: clients of inference add to what they are given."""
        return {"Authorization": f"Bearer {TOKENS[self.name]}"}

    def send(self, method: str, path: str, body: object = None) -> requests.Response:
        return requests.request(method, f"{GATEWAY}{path}", json=body, headers=self.headers, timeout=60)

    def expect(self, method: str, path: str, body: object = None) -> dict:
        response = self.send(method, path, body)
        assert response.ok, f"{method} {path} answered {response.status_code}: {response.text}"
        return response.json()


@pytest.fixture(scope="session")
def gateway() -> str:
    return GATEWAY


@pytest.fixture(scope="session")
def service_urls() -> dict[str, str]:
    return SERVICES


@pytest.fixture(scope="session")
def ana() -> Principal:
    return Principal("ana")


@pytest.fixture(scope="session")
def ben() -> Principal:
    return Principal("ben")


@pytest.fixture(scope="session")
def mean_model() -> Path:
    """An ONNX file: features FP32 [-1, 2], mean FP32 [-1, 1]."""
    return FIXTURES / "mean.onnx"


@pytest.fixture(scope="session")
def serving_grpc() -> str:
    """Host and port, as clients of gRPC want them."""
    return os.environ["CAIRN_SERVING_GRPC"]


@pytest.fixture(scope="session")
def identity_models(ana, ben) -> dict[str, str]:
    """For each group of datatypes a model that gives its tensors back, served as version 1."""
    return {group: serve_identity(ana, ben, FIXTURES, group) for group in DATATYPES}


@pytest.fixture
def name() -> str:
    return f"client-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def experiment(name: str) -> mlflow.entities.Experiment:
    return mlflow.set_experiment(name)
