"""A running Cairn, as other teams reach it: through the gateway, with a token, by clients that know nothing of Cairn."""

import json
import os
import uuid
from pathlib import Path

import mlflow
import pytest
import requests

GATEWAY = os.environ["CAIRN_GATEWAY_URL"]
TOKENS = json.loads(os.environ["CAIRN_CLIENT_TOKENS"])
SERVICES = json.loads(os.environ["CAIRN_SERVICE_URLS"])
FIXTURES = Path(os.environ["CAIRN_CLIENT_FIXTURES"])


class Principal:
    """Somebody with a token, for the routes that no foreign protocol has."""

    def __init__(self, name: str) -> None:
        self.headers = {"Authorization": f"Bearer {TOKENS[name]}"}

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


@pytest.fixture
def name() -> str:
    return f"client-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def experiment(name: str) -> mlflow.entities.Experiment:
    return mlflow.set_experiment(name)
