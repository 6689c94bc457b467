"""Registry calls of the unmodified `mlflow` client."""

import mlflow
import pytest
from mlflow.exceptions import MlflowException


@pytest.fixture
def run_id(experiment) -> str:
    with mlflow.start_run() as run:
        mlflow.log_text("a model", "model/weights.txt")
    return run.info.run_id


def test_model_is_registered_and_found(run_id, name):
    client = mlflow.MlflowClient()
    client.create_registered_model(name, tags={"team": "ops"}, description="late or not")
    first = client.create_model_version(name, f"runs:/{run_id}/model", run_id=run_id, description="first")
    second = client.create_model_version(name, f"runs:/{run_id}/model", run_id=run_id)
    assert [first.version, second.version] == ["1", "2"] or [first.version, second.version] == [1, 2]
    model = client.get_registered_model(name)
    assert model.description == "late or not" and model.tags == {"team": "ops"}
    assert [int(version.version) for version in client.search_model_versions(f"name='{name}'")] == [2, 1]
    assert client.get_model_version(name, "1").run_id == run_id
    assert client.get_model_version_download_uri(name, "1") == f"runs:/{run_id}/model"
    assert name in [found.name for found in client.search_registered_models()]


def test_model_and_version_are_described_and_tagged(run_id, name):
    client = mlflow.MlflowClient()
    client.create_registered_model(name)
    client.create_model_version(name, f"runs:/{run_id}/model", run_id=run_id)
    client.update_registered_model(name, "late or not")
    client.set_registered_model_tag(name, "team", "risk")
    client.update_model_version(name, "1", "the first")
    client.set_model_version_tag(name, "1", "stage", "tried")
    assert client.get_registered_model(name).description == "late or not"
    assert [found.name for found in client.search_registered_models(f"tags.team = 'risk' AND name = '{name}'")] == [name]
    version = client.get_model_version(name, "1")
    assert (version.description, version.tags) == ("the first", {"stage": "tried"})
    client.delete_registered_model_tag(name, "team")
    client.delete_model_version_tag(name, "1", "stage")
    assert client.get_registered_model(name).tags == {}
    assert client.get_model_version(name, "1").tags == {}


def test_prompt_is_registered_and_loaded(name):
    client = mlflow.MlflowClient()
    client.register_prompt(name, "Will {{flight}} be late?", commit_message="first", tags={"team": "risk"})
    client.register_prompt(name, "Will {{flight}} be late, and by how much?")
    assert client.load_prompt(f"prompts:/{name}/1").format(flight="UA 1") == "Will UA 1 be late?"
    client.set_prompt_alias(name, "live", 2)
    assert "how much" in client.load_prompt(f"prompts:/{name}@live").template
    assert name in [prompt.name for prompt in client.search_prompts()]
    assert name not in [model.name for model in client.search_registered_models()]


def test_alias_moves_when_nothing_guards_it(run_id, name):
    client = mlflow.MlflowClient()
    client.create_registered_model(name)
    for _ in range(2):
        client.create_model_version(name, f"runs:/{run_id}/model", run_id=run_id)
    for version in ("1", "2"):
        client.set_registered_model_alias(name, "champion", version)
        assert int(client.get_model_version_by_alias(name, "champion").version) == int(version)
    client.delete_registered_model_alias(name, "champion")
    with pytest.raises(MlflowException):
        client.get_model_version_by_alias(name, "champion")


def test_plain_client_cannot_skip_the_gates(run_id, name, ana):
    client = mlflow.MlflowClient()
    client.create_registered_model(name)
    client.create_model_version(name, f"runs:/{run_id}/model", run_id=run_id)
    ana.expect("PUT", f"/registry/v1/models/{name}/gates", {"alias": "champion", "gates": ["criteria-met", "approved-by-another"]})
    with pytest.raises(MlflowException) as blocked:
        client.set_registered_model_alias(name, "champion", "1")
    assert blocked.value.error_code == "PERMISSION_DENIED"
    assert "criteria-met (inconclusive)" in str(blocked.value) and "approved-by-another (inconclusive)" in str(blocked.value)


@pytest.mark.parametrize("source", ["/etc/passwd", "file:///etc/passwd", "runs:/x/../../secret"])
def test_source_must_not_leave_the_run(source, name):
    client = mlflow.MlflowClient()
    client.create_registered_model(name)
    with pytest.raises(MlflowException) as refused:
        client.create_model_version(name, source)
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"


def test_name_is_taken_once(name):
    client = mlflow.MlflowClient()
    client.create_registered_model(name)
    with pytest.raises(MlflowException) as taken:
        client.create_registered_model(name)
    assert taken.value.error_code == "RESOURCE_ALREADY_EXISTS"
