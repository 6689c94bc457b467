"""Webhooks of the unmodified `mlflow` client, and what a receiver gets from them."""

import base64
import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import mlflow
import pytest
from mlflow import entities
from mlflow.exceptions import MlflowException

pytestmark = pytest.mark.since("3.3", "webhooks")

SECRET = "a shared secret"
DEADLINE_S = 60


class Receiver(ThreadingHTTPServer):
    """Remembers what comes, and answers with the statuses that it is given, then with 200."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.received: list[tuple[dict[str, str], str]] = []
        self.statuses: list[int] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"

    def wait_for(self, count: int) -> list[dict]:
        deadline = time.monotonic() + DEADLINE_S
        while len(self.received) < count and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(self.received) == count
        return [json.loads(text) for _, text in self.received]


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.received.append(({key.lower(): value for key, value in self.headers.items()}, text))
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
        self.end_headers()
        self.wfile.write(b"thanks")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver():
    server = Receiver()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def webhook(receiver, name):
    client = mlflow.MlflowClient()
    events = ["registered_model.created", "model_version.created", "model_version_tag.set", "model_version_tag.deleted"]
    events += ["model_version_alias.created", "model_version_alias.deleted"]
    created = client.create_webhook(name, receiver.url, [entities.WebhookEvent.from_str(event) for event in events], secret=SECRET, description="tells CI")
    yield created
    client.delete_webhook(created.webhook_id)


def signature(headers: dict[str, str], text: str) -> str:
    signed = f"{headers['x-mlflow-delivery-id']}.{headers['x-mlflow-timestamp']}.{text}"
    return "v1," + base64.b64encode(hmac.new(SECRET.encode(), signed.encode(), hashlib.sha256).digest()).decode()


def test_webhook_is_created_listed_changed_and_deleted(receiver, name):
    client = mlflow.MlflowClient()
    created = client.create_webhook(name, receiver.url, [entities.WebhookEvent.from_str("prompt.created")], description="d", secret=SECRET, status=entities.WebhookStatus.DISABLED)
    assert (created.name, created.description, created.status, created.secret) == (name, "d", entities.WebhookStatus.DISABLED, None)
    assert client.get_webhook(created.webhook_id).events == [entities.WebhookEvent.from_str("prompt.created")]
    assert created.webhook_id in [webhook.webhook_id for webhook in client.list_webhooks()]
    changed = client.update_webhook(created.webhook_id, name=f"{name}-2", events=[entities.WebhookEvent.from_str("model_version.created")], status=entities.WebhookStatus.ACTIVE)
    assert (changed.name, changed.status, changed.url) == (f"{name}-2", entities.WebhookStatus.ACTIVE, receiver.url)
    client.delete_webhook(created.webhook_id)
    with pytest.raises(MlflowException) as gone:
        client.get_webhook(created.webhook_id)
    assert gone.value.error_code == "RESOURCE_DOES_NOT_EXIST"


def test_webhook_is_tested(webhook, receiver):
    client = mlflow.MlflowClient()
    result = client.test_webhook(webhook.webhook_id)
    assert (result.success, result.response_status, result.response_body) == (True, 200, "thanks")
    receiver.statuses.append(500)
    failed = client.test_webhook(webhook.webhook_id, entities.WebhookEvent.from_str("model_version_alias.created"))
    assert (failed.success, failed.response_status) == (False, 500)
    first, second = receiver.wait_for(2)
    assert (first["entity"], first["action"], second["entity"], second["data"]["alias"]) == ("registered_model", "created", "model_version_alias", "example_alias")
    headers, text = receiver.received[0]
    assert headers["x-mlflow-signature"] == signature(headers, text)


def test_receiver_hears_in_order_what_a_client_does(webhook, receiver, name, ana):
    client = mlflow.MlflowClient()
    receiver.statuses.extend([503, 429])
    client.create_registered_model(name, tags={"a": "b"})
    client.create_model_version(name, "s3://bucket/model")
    client.set_model_version_tag(name, "1", "k", "v")
    client.delete_model_version_tag(name, "1", "k")
    client.set_registered_model_alias(name, "live", "1")
    client.delete_registered_model_alias(name, "live")
    bodies = receiver.wait_for(8)
    assert bodies[0] == bodies[1] == bodies[2]
    assert [f"{body['entity']}.{body['action']}" for body in bodies[2:]] == [str(event) for event in webhook.events]
    assert bodies[2]["data"] == {"name": name, "tags": {"a": "b"}, "description": None}
    assert all(headers["x-mlflow-signature"] == signature(headers, text) for headers, text in receiver.received)
    assert len({headers["x-mlflow-delivery-id"] for headers, _ in receiver.received}) == 6
    deadline = time.monotonic() + DEADLINE_S
    path = f"/registry/v1/webhooks/{webhook.webhook_id}/deliveries"
    while (items := ana.expect("GET", path)["items"]) and items[0]["status"] == "pending" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [item["attempts"] for item in reversed(items)] == [3, 1, 1, 1, 1, 1]
    ana.expect("POST", f"/registry/v1/webhooks/{webhook.webhook_id}/redeliver", {"delivery_ids": [items[-1]["delivery_id"]]})
    assert receiver.wait_for(9)[-1] == bodies[0]


@pytest.mark.parametrize("url", ["ftp://ci.example/hook", "https://user:password@ci.example/", "nowhere"])
def test_url_must_be_one_that_may_be_asked(url, name):
    with pytest.raises(MlflowException) as refused:
        mlflow.MlflowClient().create_webhook(name, url, [entities.WebhookEvent.from_str("prompt.created")])
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"
