"""Prometheus reads the metrics of every service."""

import mlflow
import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families


def test_every_service_is_scraped(service_urls):
    assert len(service_urls) >= 2
    for service, url in service_urls.items():
        response = requests.get(f"{url}/metrics", timeout=30)
        assert response.status_code == 200, service
        assert response.headers["content-type"].startswith("text/plain"), service
        families = {family.name: family for family in text_string_to_metric_families(response.text)}
        assert any(sample.value >= 0 for family in families.values() for sample in family.samples), service
        assert any("process_cpu" in name for name in families), service


@pytest.mark.parametrize("service", ["experiment-tracking", "model-registry"])
def test_appended_events_are_counted(service_urls, service, name):
    created = {
        "experiment-tracking": (mlflow.create_experiment, "cairn.tracking.v1.ExperimentCreated"),
        "model-registry": (mlflow.MlflowClient().create_registered_model, "cairn.registry.v1.RegisteredModelCreated"),
    }
    create, event_type = created[service]
    create(name)
    text = requests.get(f"{service_urls[service]}/metrics", timeout=30).text
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    appended = {sample.labels.get("type"): sample.value for sample in samples if sample.name == "cairn_events_appended_total"}
    assert appended[event_type] >= 1
