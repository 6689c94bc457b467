"""Logged models, artifacts of any size and long metric histories, by the unmodified `mlflow` client."""

import hashlib
import os
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
import requests
from mlflow import entities
from mlflow.entities import Metric
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from sklearn.linear_model import LogisticRegression

FLIGHTS = pd.DataFrame({"distance": [1.0, 2.0, 3.0, 4.0], "wind": [0.0, 1.0, 0.0, 1.0]})
LATE = pd.Series([0, 0, 1, 1], name="late")
MEGABYTE = 1024 * 1024

logged_models = pytest.mark.since("3.0", "logged models")


@pytest.fixture
def fitted() -> LogisticRegression:
    return LogisticRegression().fit(FLIGHTS, LATE)


@pytest.fixture
def resident_bytes(service_urls):
    """What the service holds in memory now."""

    def read() -> float:
        lines = requests.get(f"{service_urls['experiment-tracking']}/metrics", timeout=30).text.splitlines()
        return float(next(line.split()[1] for line in lines if line.startswith("process_resident_memory_bytes")))

    return read


def write_random(path: Path, megabytes: int) -> str:
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for _ in range(megabytes):
            chunk = os.urandom(MEGABYTE)
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@logged_models
def test_model_is_logged_registered_loaded_and_predicts(experiment, name, fitted):
    with mlflow.start_run() as run:
        info = mlflow.sklearn.log_model(
            fitted, name="late", registered_model_name=name, params={"C": 1.0}, tags={"team": "ops"}, pip_requirements=["scikit-learn"], serialization_format="cloudpickle"
        )
    expected = fitted.predict(FLIGHTS).tolist()
    assert mlflow.sklearn.load_model(f"models:/{name}/1").predict(FLIGHTS).tolist() == expected
    assert mlflow.pyfunc.load_model(info.model_uri).predict(FLIGHTS).tolist() == expected
    assert mlflow.sklearn.load_model(f"runs:/{run.info.run_id}/late").predict(FLIGHTS).tolist() == expected

    model = mlflow.get_logged_model(info.model_id)
    assert model.status == entities.LoggedModelStatus.READY and model.source_run_id == run.info.run_id
    assert model.artifact_location == f"mlflow-artifacts:/{experiment.experiment_id}/models/{info.model_id}/artifacts"
    assert model.params == {"C": "1.0"} and model.tags["team"] == "ops"
    assert [output.model_id for output in mlflow.get_run(run.info.run_id).outputs.model_outputs] == [info.model_id]
    assert "MLmodel" in [Path(artifact.path).name for artifact in mlflow.artifacts.list_artifacts(artifact_uri=model.artifact_location)]
    version = mlflow.MlflowClient().get_model_version(name, "1")
    assert version.source == f"models:/{info.model_id}"


@logged_models
def test_autologging_records_run_model_and_datasets(experiment):
    mlflow.sklearn.autolog(log_post_training_metrics=True, log_datasets=True, serialization_format="cloudpickle", silent=True)
    try:
        with mlflow.start_run() as run:
            LogisticRegression(C=0.5).fit(FLIGHTS, LATE)
    finally:
        mlflow.sklearn.autolog(disable=True)
    logged = mlflow.get_run(run.info.run_id)
    assert logged.data.params["C"] == "0.5"
    assert "training_accuracy_score" in logged.data.metrics
    assert [use.tags[0].value for use in logged.inputs.dataset_inputs] == ["train"]
    [output] = logged.outputs.model_outputs
    model = mlflow.get_logged_model(output.model_id)
    assert model.params["C"] == "0.5"
    measured = {metric.key: metric for metric in model.metrics}
    assert measured["training_accuracy_score"].dataset_digest == logged.inputs.dataset_inputs[0].dataset.digest


@logged_models
def test_model_is_initialized_described_and_finalized(experiment):
    model = mlflow.initialize_logged_model(name="by hand", params={"depth": "3"}, tags={"team": "ops"})
    assert model.status == entities.LoggedModelStatus.PENDING
    client = mlflow.MlflowClient()
    mlflow.log_model_params({"layers": "2"}, model.model_id)
    client.set_logged_model_tags(model.model_id, {"stage": "trial", "team": "risk"})
    client.delete_logged_model_tag(model.model_id, "stage")
    assert mlflow.finalize_logged_model(model.model_id, "READY").status == entities.LoggedModelStatus.READY
    read = mlflow.get_logged_model(model.model_id)
    assert read.params == {"depth": "3", "layers": "2"}
    assert (read.tags["team"], "stage" in read.tags) == ("risk", False)
    failed = mlflow.initialize_logged_model(name="failed")
    assert mlflow.finalize_logged_model(failed.model_id, entities.LoggedModelStatus.FAILED).status == entities.LoggedModelStatus.FAILED


@logged_models
def test_models_with_many_parameters_keep_them_all(experiment):
    params = {f"p{number}": str(number) for number in range(250)}
    model = mlflow.initialize_logged_model(name="many", params=params)
    assert mlflow.get_logged_model(model.model_id).params == params


@logged_models
def test_models_are_searched_and_ordered_by_what_was_measured(experiment):
    train = mlflow.data.from_pandas(FLIGHTS, name="train")
    test = mlflow.data.from_pandas(FLIGHTS * 2, name="test")
    with mlflow.start_run():
        for model_name, on_train, on_test in (("steady", 0.7, 0.7), ("overfitted", 0.9, 0.5)):
            model = mlflow.initialize_logged_model(name=model_name, params={"kind": model_name})
            for dataset, value in ((train, on_train), (test, on_test)):
                mlflow.log_metrics({"auc": value}, model_id=model.model_id, dataset=dataset)
        mlflow.initialize_logged_model(name="unmeasured")

    def found(**how) -> list[str]:
        models = mlflow.search_logged_models(experiment_ids=[experiment.experiment_id], output_format="list", **how)
        return [model.name for model in models]

    by = {"field_name": "metrics.auc", "ascending": False}
    assert found() == ["unmeasured", "overfitted", "steady"]
    assert found(order_by=[{**by, "dataset_name": "train"}]) == ["overfitted", "steady", "unmeasured"]
    assert found(order_by=[{**by, "dataset_name": "test", "dataset_digest": test.digest}]) == ["steady", "overfitted", "unmeasured"]
    assert found(filter_string="metrics.auc > 0.8") == ["overfitted"]
    assert found(filter_string="metrics.auc > 0.6", datasets=[{"dataset_name": "test"}]) == ["steady"]
    assert found(filter_string="params.kind = 'steady' AND name LIKE 'st%'") == ["steady"]
    assert found(max_results=1) == ["unmeasured"]
    frame = mlflow.search_logged_models(experiment_ids=[experiment.experiment_id])
    assert sorted(frame["name"]) == ["overfitted", "steady", "unmeasured"]
    client = mlflow.MlflowClient()
    first = client.search_logged_models([experiment.experiment_id], max_results=2)
    second = client.search_logged_models([experiment.experiment_id], max_results=2, page_token=first.token)
    assert [model.name for model in [*first, *second]] == ["unmeasured", "overfitted", "steady"] and not second.token


@logged_models
def test_deleted_model_is_gone(experiment):
    client = mlflow.MlflowClient()
    model = mlflow.initialize_logged_model(name="gone")
    client.delete_logged_model(model.model_id)
    with pytest.raises(MlflowException) as missing:
        client.get_logged_model(model.model_id)
    assert missing.value.error_code == "RESOURCE_DOES_NOT_EXIST"
    assert client.search_logged_models([experiment.experiment_id]) == []


@logged_models
def test_inputs_and_outputs_show_in_the_run(experiment):
    client = mlflow.MlflowClient()
    used, made = mlflow.initialize_logged_model(name="used"), mlflow.initialize_logged_model(name="made")
    with mlflow.start_run() as run:
        mlflow.log_input(mlflow.data.from_pandas(FLIGHTS, name="flights"), context="eval", tags={"part": "test"})
        client.log_inputs(run.info.run_id, models=[entities.LoggedModelInput(used.model_id)])
        client.log_outputs(run.info.run_id, models=[entities.LoggedModelOutput(made.model_id, step=7)])
    read = client.get_run(run.info.run_id)
    [use] = read.inputs.dataset_inputs
    assert use.dataset.name == "flights" and {tag.key: tag.value for tag in use.tags} == {"mlflow.data.context": "eval", "part": "test"}
    assert [model.model_id for model in read.inputs.model_inputs] == [used.model_id]
    assert [(model.model_id, model.step) for model in read.outputs.model_outputs] == [(made.model_id, 7)]
    found = client.search_runs([experiment.experiment_id], "datasets.name = 'flights' AND datasets.context = 'eval'")
    assert [run.info.run_id for run in found] == [read.info.run_id]


@logged_models
@pytest.mark.parametrize("wrong", ["a/b", "a:b", "a.b"])
def test_name_that_is_no_part_of_a_uri_is_refused(experiment, wrong):
    with pytest.raises(MlflowException) as refused:
        mlflow.MlflowClient().create_logged_model(experiment.experiment_id, name=wrong)
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"


@logged_models
def test_what_is_wrong_is_told(experiment):
    client = mlflow.MlflowClient()
    model = mlflow.initialize_logged_model(name="told", params={"C": "1"})
    with pytest.raises(MlflowException, match="Changing param values is not allowed"):
        client.log_model_params(model.model_id, {"C": "2"})
    with pytest.raises(MlflowException, match="not found"):
        client.get_logged_model("m-" + "0" * 32)
    with pytest.raises(MlflowException, match="No tag with key"):
        client.delete_logged_model_tag(model.model_id, "absent")
    with mlflow.start_run() as run:
        with pytest.raises(MlflowException, match="not found"):
            client.log_outputs(run.info.run_id, models=[entities.LoggedModelOutput("m-" + "0" * 32, 0)])
    for filter_string in ("name > 'a'", "secret = 'x'", "metrics.auc = 'x'"):
        with pytest.raises(MlflowException) as refused:
            client.search_logged_models([experiment.experiment_id], filter_string=filter_string)
        assert refused.value.error_code == "INVALID_PARAMETER_VALUE"


@pytest.mark.newest("it measures the memory of the service")
def test_large_artifact_passes_through_without_filling_memory(experiment, tmp_path, resident_bytes):
    digest = write_random(tmp_path / "weights.bin", 200)
    # What the first requests allocate once is no part of the measurement.
    with mlflow.start_run() as run:
        mlflow.log_text("warm", "warm.txt")
    before = resident_bytes()
    mlflow.MlflowClient().log_artifact(run.info.run_id, str(tmp_path / "weights.bin"), "model")
    after_upload = resident_bytes()
    local = mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="model/weights.bin", dst_path=str(tmp_path / "back"))
    after_download = resident_bytes()
    assert digest_of(Path(local)) == digest
    # Half of the file would be much more than streams need.
    assert max(after_upload, after_download) - before < 100 * MEGABYTE


def test_file_is_uploaded_in_parts(experiment, tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD", "true")
    monkeypatch.setenv("MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE", str(MEGABYTE))
    monkeypatch.setenv("MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE", str(5 * MEGABYTE))
    digest = write_random(tmp_path / "weights.bin", 23)
    requested = []
    sent = requests.put
    monkeypatch.setattr(requests, "put", lambda url, **how: requested.append(url) or sent(url, **how))
    with mlflow.start_run() as run:
        mlflow.log_artifact(str(tmp_path / "weights.bin"), "model")
    assert sorted(url.rsplit("/", 1)[1] for url in requested) == ["1", "2", "3", "4", "5"]
    monkeypatch.undo()
    local = mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="model/weights.bin", dst_path=str(tmp_path / "back"))
    assert digest_of(Path(local)) == digest


def test_artifacts_are_deleted(experiment):
    with mlflow.start_run() as run:
        for path in ("d/x.txt", "d/e/y.txt", "kept.txt"):
            mlflow.log_text(path, path)
    repository = get_artifact_repository(run.info.artifact_uri)
    repository.delete_artifacts("d/x.txt")
    assert [artifact.path for artifact in mlflow.artifacts.list_artifacts(run_id=run.info.run_id, artifact_path="d")] == ["d/e"]
    repository.delete_artifacts("d")
    assert [artifact.path for artifact in mlflow.artifacts.list_artifacts(run_id=run.info.run_id)] == ["kept.txt"]
    with pytest.raises(MlflowException):
        mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/d/x.txt")


@pytest.mark.newest("30,000 points are the server's to page")
def test_long_history_comes_in_pages_and_as_a_sample(experiment, gateway, ana):
    client = mlflow.MlflowClient()
    run_id = client.create_run(experiment.experiment_id).info.run_id
    points = 30_000
    for begin in range(0, points, 1_000):
        client.log_batch(run_id, metrics=[Metric("loss", 1 / (step + 1), step, step) for step in range(begin, begin + 1_000)])
    history = client.get_metric_history(run_id, "loss")
    assert [point.step for point in history] == list(range(points))
    page = client._tracking_client.store.get_metric_history(run_id, "loss", max_results=400)
    assert len(page) == 400 and page.token
    sampled = ana.expect("GET", f"/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval?run_ids={run_id}&metric_key=loss&max_results=320")["metrics"]
    steps = [point["step"] for point in sampled]
    assert 320 <= len(steps) <= 322 and steps == sorted(steps) and (steps[0], steps[-1]) == (0, points - 1)
    assert np.ptp(np.diff(steps)) <= 100
    client.set_terminated(run_id)
