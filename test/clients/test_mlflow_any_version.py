"""What notebooks and scripts do with every version of the client: no call here is newer than MLflow 2."""

import mlflow
import pandas as pd
import pytest
from mlflow.models import infer_signature
from sklearn.linear_model import LogisticRegression

FLIGHTS = pd.DataFrame({"distance": [1.0, 2.0, 3.0, 4.0], "wind": [0.0, 1.0, 0.0, 1.0]})
LATE = pd.Series([0, 0, 1, 1], name="late")


@pytest.fixture
def fitted() -> LogisticRegression:
    return LogisticRegression().fit(FLIGHTS, LATE)


def test_model_is_logged_registered_and_loaded_back(experiment, name, fitted):
    with mlflow.start_run() as run:
        signature = infer_signature(FLIGHTS, fitted.predict(FLIGHTS))
        options = {"signature": signature, "pip_requirements": ["scikit-learn"], "serialization_format": "cloudpickle"}
        info = mlflow.sklearn.log_model(fitted, "late", registered_model_name=name, **options)
    expected = fitted.predict(FLIGHTS).tolist()
    for uri in (info.model_uri, f"runs:/{run.info.run_id}/late", f"models:/{name}/1"):
        assert mlflow.sklearn.load_model(uri).predict(FLIGHTS).tolist() == expected
        assert mlflow.pyfunc.load_model(uri).predict(FLIGHTS).tolist() == expected
    version = mlflow.MlflowClient().get_model_version(name, "1")
    assert (version.run_id, version.status, int(version.version)) == (run.info.run_id, "READY", 1)
    mlflow.MlflowClient().set_registered_model_alias(name, "live", 1)
    assert mlflow.pyfunc.load_model(f"models:/{name}@live").predict(FLIGHTS).tolist() == expected


def test_autologging_records_what_was_fitted(experiment):
    mlflow.sklearn.autolog(log_post_training_metrics=True, log_datasets=True, serialization_format="cloudpickle", silent=True)
    try:
        with mlflow.start_run() as run:
            LogisticRegression(C=0.5).fit(FLIGHTS, LATE)
    finally:
        mlflow.sklearn.autolog(disable=True)
    logged = mlflow.get_run(run.info.run_id)
    assert logged.data.params["C"] == "0.5" and logged.data.tags["estimator_name"] == "LogisticRegression"
    assert "training_accuracy_score" in logged.data.metrics
    assert [use.tags[0].value for use in logged.inputs.dataset_inputs] == ["train"]
    assert mlflow.sklearn.load_model(f"runs:/{run.info.run_id}/model").C == 0.5


def test_search_of_runs_is_a_table(experiment):
    for auc in (0.6, 0.8):
        with mlflow.start_run():
            mlflow.log_metric("auc", auc)
            mlflow.log_param("kind", "tree")
    found = mlflow.search_runs([experiment.experiment_id], filter_string="metrics.auc > 0.7 AND params.kind = 'tree'")
    assert found["metrics.auc"].tolist() == [0.8]


def test_prompt_goes_and_comes_back(name):
    client = mlflow.MlflowClient()
    client.register_prompt(name, "Will {{flight}} be late?", commit_message="first", tags={"team": "risk"})
    client.register_prompt(name, "Will {{flight}} be late, and by how much?")
    assert client.load_prompt(f"prompts:/{name}/1").format(flight="UA 1") == "Will UA 1 be late?"
    client.set_prompt_alias(name, "live", 2)
    assert "how much" in client.load_prompt(f"prompts:/{name}@live").template
    assert name not in [model.name for model in client.search_registered_models()]


def test_trace_goes_and_comes_back(experiment):
    @mlflow.trace(name="answer", attributes={"model": "rules"})
    def answer(question: str) -> str:
        with mlflow.start_span("think") as span:
            span.set_inputs({"question": question})
            span.set_outputs("done")
        return question.upper()

    with mlflow.start_run() as run:
        answer("größe")
    flush = getattr(mlflow, "flush_trace_async_logging", None)
    if flush is not None:
        flush()
    client = mlflow.MlflowClient()
    [trace] = client.search_traces([experiment.experiment_id])
    assert trace.info.status == "OK" and trace.info.execution_time_ms >= 0
    assert trace.info.tags["mlflow.traceName"] == "answer"
    assert trace.info.request_metadata["mlflow.sourceRun"] == run.info.run_id
    spans = {span.name: span for span in client.get_trace(trace.info.request_id).data.spans}
    assert set(spans) == {"answer", "think"} and spans["think"].parent_id == spans["answer"].span_id
    assert spans["answer"].outputs == "GRÖSSE" and spans["answer"].attributes["model"] == "rules"
    client.set_trace_tag(trace.info.request_id, "team", "risk")
    assert [found.info.request_id for found in client.search_traces([experiment.experiment_id], "tag.team = 'risk'")] == [trace.info.request_id]
    client.delete_trace_tag(trace.info.request_id, "team")
    assert client.search_traces([experiment.experiment_id], "tag.team = 'risk'") == []
    assert client.delete_traces(experiment.experiment_id, max_timestamp_millis=trace.info.timestamp_ms) == 1
    assert client.search_traces([experiment.experiment_id]) == []
