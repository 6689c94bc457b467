"""The unmodified `mlflow` client, with nothing changed but its tracking URI."""

import math
import time
from pathlib import Path

import mlflow
import pytest
from mlflow.entities import Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException


def test_experiment_is_found_again_by_name_and_id(experiment):
    assert mlflow.get_experiment_by_name(experiment.name).experiment_id == experiment.experiment_id
    assert mlflow.get_experiment(experiment.experiment_id).lifecycle_stage == "active"
    assert mlflow.set_experiment(experiment.name).experiment_id == experiment.experiment_id
    assert experiment.name in [found.name for found in mlflow.search_experiments()]


def test_experiment_name_is_taken_once(experiment):
    with pytest.raises(MlflowException) as taken:
        mlflow.create_experiment(experiment.name)
    assert taken.value.error_code == "RESOURCE_ALREADY_EXISTS"


def test_run_is_read_back_as_it_was_logged(experiment):
    with mlflow.start_run(run_name="by hand", tags={"team": "ops"}) as run:
        mlflow.log_param("learning_rate", 0.001)
        mlflow.log_params({"layers": [1, 2], "note": "größe/α"})
        mlflow.log_metric("loss", 0.5, step=1)
        mlflow.log_metrics({"auc": 0.706, "diverged": math.nan, "limit": math.inf})
        mlflow.set_tag("stage", "trial")
        assert mlflow.get_run(run.info.run_id).info.status == "RUNNING"
    read = mlflow.get_run(run.info.run_id)
    assert read.info.status == "FINISHED" and read.info.end_time >= read.info.start_time
    assert read.info.run_name == "by hand"
    assert read.data.params == {"learning_rate": "0.001", "layers": "[1, 2]", "note": "größe/α"}
    assert read.data.metrics["auc"] == 0.706 and read.data.metrics["loss"] == 0.5
    assert math.isnan(read.data.metrics["diverged"]) and read.data.metrics["limit"] == math.inf
    assert read.data.tags["team"] == "ops" and read.data.tags["stage"] == "trial"


def test_failed_run_is_recorded_as_failed(experiment):
    with pytest.raises(ZeroDivisionError):
        with mlflow.start_run() as run:
            1 / 0
    assert mlflow.get_run(run.info.run_id).info.status == "FAILED"


def test_finished_run_goes_on(experiment):
    with mlflow.start_run() as run:
        mlflow.log_metric("auc", 0.6)
    with mlflow.start_run(run_id=run.info.run_id):
        assert mlflow.get_run(run.info.run_id).info.status == "RUNNING"
        mlflow.log_metric("auc", 0.7, step=1)
    assert mlflow.get_run(run.info.run_id).data.metrics["auc"] == 0.7


def test_parameter_never_changes(experiment):
    with mlflow.start_run():
        mlflow.log_param("c", "1")
        mlflow.log_param("c", "1")
        with pytest.raises(MlflowException) as changed:
            mlflow.log_param("c", "2")
    assert changed.value.error_code == "INVALID_PARAMETER_VALUE"


def test_batch_and_history(experiment):
    client = mlflow.MlflowClient()
    run_id = client.create_run(experiment.experiment_id).info.run_id
    now = int(time.time() * 1000)
    metrics = [Metric("loss", 1 / (step + 1), now + step, step) for step in range(900)]
    client.log_batch(run_id, metrics=metrics, params=[Param("p", "v")], tags=[RunTag("t", "v")])
    history = client.get_metric_history(run_id, "loss")
    assert [point.step for point in history] == list(range(900))
    assert client.get_run(run_id).data.metrics["loss"] == 1 / 900
    client.set_terminated(run_id)


def test_runs_are_searched_in_order(experiment):
    for auc in (0.6, 0.8, 0.7):
        with mlflow.start_run():
            mlflow.log_metric("auc", auc)
    client = mlflow.MlflowClient()
    best = client.search_runs([experiment.experiment_id], order_by=["metrics.auc DESC"], max_results=2)
    assert [run.data.metrics["auc"] for run in best] == [0.8, 0.7]
    rest = client.search_runs([experiment.experiment_id], order_by=["metrics.auc DESC"], max_results=2, page_token=best.token)
    assert [run.data.metrics["auc"] for run in rest] == [0.6]


def test_runs_are_found_by_a_filter(experiment):
    for auc, depth in ((0.6, 3), (0.8, 10), (float("nan"), 3)):
        with mlflow.start_run(run_name=f"depth {depth}"):
            mlflow.log_metric("auc", auc)
            mlflow.log_param("max depth", depth)
            mlflow.set_tag("team", "risk")

    def found(filter_string: str) -> list[str]:
        runs = mlflow.MlflowClient().search_runs([experiment.experiment_id], filter_string=filter_string, order_by=["metrics.auc"])
        return [run.data.params["max depth"] for run in runs]

    assert found("metrics.auc > 0.7") == ["10"]
    assert found("params.`max depth` = '3' AND metrics.auc <= 0.6") == ["3"]
    assert found("tags.team LIKE 'ri%' and attributes.status = 'FINISHED'") == ["3", "10", "3"]
    assert found("run_name ILIKE 'DEPTH 1_'") == ["10"]
    assert found("params.unknown != 'x'") == []


def test_runs_and_experiments_come_and_go(experiment):
    client = mlflow.MlflowClient()
    with mlflow.start_run() as run:
        mlflow.set_tag("team", "risk")
    run_id, experiment_id = run.info.run_id, experiment.experiment_id
    client.delete_tag(run_id, "team")
    assert "team" not in client.get_run(run_id).data.tags
    client.delete_run(run_id)
    assert client.get_run(run_id).info.lifecycle_stage == "deleted"
    assert len(client.search_runs([experiment_id])) == 0
    assert [run.info.run_id for run in client.search_runs([experiment_id], run_view_type=ViewType.DELETED_ONLY)] == [run_id]
    with pytest.raises(MlflowException, match="must be in the 'active' state"):
        client.log_metric(run_id, "auc", 0.7)
    client.restore_run(run_id)
    client.log_metric(run_id, "auc", 0.7)

    client.set_experiment_tag(experiment_id, "owner", "ana")
    client.rename_experiment(experiment_id, f"{experiment.name} renamed")
    client.delete_experiment(experiment_id)
    deleted = client.get_experiment(experiment_id)
    assert (deleted.lifecycle_stage, deleted.name, deleted.tags["owner"]) == ("deleted", f"{experiment.name} renamed", "ana")
    assert client.get_run(run_id).info.lifecycle_stage == "deleted"
    client.restore_experiment(experiment_id)
    assert client.get_run(run_id).data.metrics == {"auc": 0.7}
    assert client.get_experiment_by_name(experiment.name) is None


@pytest.mark.parametrize("filter_string", ["metrics.auc > '0.1'", "params.depth = 3", "metrics.a > 1 OR metrics.b > 1", "colour = 'red'"])
def test_filter_is_refused_rather_than_ignored(experiment, filter_string):
    with pytest.raises(MlflowException) as refused:
        mlflow.MlflowClient().search_runs([experiment.experiment_id], filter_string=filter_string)
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"


def test_artifacts_come_back_as_they_went(experiment, tmp_path: Path):
    content = bytes(range(256)) * 20_000
    (tmp_path / "weights.bin").write_bytes(content)
    with mlflow.start_run() as run:
        mlflow.log_text("hello", "notes/x.txt")
        mlflow.log_dict({"a": 1}, "config.json")
        mlflow.log_artifact(str(tmp_path / "weights.bin"), "model")
    run_id = run.info.run_id
    listed = {artifact.path: artifact.is_dir for artifact in mlflow.artifacts.list_artifacts(run_id=run_id)}
    assert listed == {"notes": True, "config.json": False, "model": True}
    assert [artifact.path for artifact in mlflow.artifacts.list_artifacts(run_id=run_id, artifact_path="notes")] == ["notes/x.txt"]
    assert mlflow.artifacts.load_text(f"runs:/{run_id}/notes/x.txt") == "hello"
    assert mlflow.artifacts.load_dict(f"runs:/{run_id}/config.json") == {"a": 1}
    local = mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="model", dst_path=str(tmp_path / "back"))
    assert (Path(local) / "weights.bin").read_bytes() == content


def test_criteria_judge_what_a_plain_client_logged(experiment, ana):
    criteria = [{"metric": "auc", "comparison": ">=", "threshold": 0.68}]
    ana.expect("POST", f"/tracking/v1/experiments/{experiment.experiment_id}/criteria", {"criteria": criteria})
    with mlflow.start_run() as run:
        mlflow.log_metric("auc", 0.661)
    card = ana.expect("GET", f"/tracking/v1/runs/{run.info.run_id}")
    assert card["verdict"] == "fail" and card["started_by"] == "ana"
    assert card["results"] == [{**criteria[0], "verdict": "fail", "observed": 0.661, "required": 0.68}]
