"""Workspaces: by the client's own setting, by a path in the tracking URI, and their administration."""

import os
import uuid

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException, RestException

URI = os.environ["MLFLOW_TRACKING_URI"]

pytestmark = pytest.mark.since("3.10", "workspaces")


@pytest.fixture(autouse=True)
def client_settings():
    yield
    mlflow.set_workspace(None)
    mlflow.set_tracking_uri(URI)


def new_name():
    return f"team-{uuid.uuid4().hex[:8]}"


def test_a_path_in_the_tracking_uri_is_a_workspace_of_its_own(tmp_path):
    team = new_name()
    mlflow.set_tracking_uri(f"{URI}/workspaces/{team}")
    experiment = mlflow.set_experiment("shared name")
    (tmp_path / "note.txt").write_text("red")
    with mlflow.start_run() as run:
        mlflow.log_metric("auc", 0.7)
        mlflow.log_artifact(str(tmp_path / "note.txt"))
    assert mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/note.txt") == "red"
    assert MlflowClient().create_registered_model("model").name == "model"

    elsewhere = MlflowClient(URI)
    with pytest.raises(RestException, match="RESOURCE_DOES_NOT_EXIST"):
        elsewhere.get_run(run.info.run_id)
    with pytest.raises(RestException, match="RESOURCE_DOES_NOT_EXIST"):
        elsewhere.get_experiment(experiment.experiment_id)
    assert not elsewhere.search_registered_models(f"name = 'model-{team}'")


def test_the_workspace_that_a_client_sets_and_the_path_are_the_same():
    team = new_name()
    mlflow.set_workspace(team)
    experiment_id = MlflowClient().create_experiment("by header")
    mlflow.set_workspace(None)
    assert MlflowClient().get_experiment_by_name("by header") is None
    assert MlflowClient(f"{URI}/workspaces/{team}").get_experiment_by_name("by header").experiment_id == experiment_id


def test_workspaces_are_created_described_listed_and_deleted():
    team = new_name()
    assert mlflow.create_workspace(team, description="reds").description == "reds"
    assert mlflow.update_workspace(team, description="the reds").description == "the reds"
    assert mlflow.get_workspace(team).description == "the reds"
    assert {"default", team} <= {workspace.name for workspace in mlflow.list_workspaces()}
    with pytest.raises(MlflowException, match="RESOURCE_ALREADY_EXISTS|already exists"):
        mlflow.create_workspace(team)

    mlflow.set_workspace(team)
    experiment_id = MlflowClient().create_experiment("in the way")
    with pytest.raises(RestException, match="holds experiments"):
        mlflow.delete_workspace(team)
    MlflowClient().delete_experiment(experiment_id)
    mlflow.delete_workspace(team)
    mlflow.set_workspace(None)
    with pytest.raises(RestException, match="RESOURCE_DOES_NOT_EXIST"):
        mlflow.get_workspace(team)
