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


@pytest.mark.since("3.0", "searching for prompts")
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
    assert "Declare success criteria" in str(blocked.value) and "/approve" in str(blocked.value)


def test_gate_opens_for_a_plain_client_once_somebody_else_approved(run_id, name, ana, ben):
    client = mlflow.MlflowClient()
    client.create_registered_model(name)
    client.create_model_version(name, f"runs:/{run_id}/model", run_id=run_id)
    ana.expect("PUT", f"/registry/v1/models/{name}/gates", {"stage": "Production", "gates": ["approved-by-another"]})
    with pytest.raises(MlflowException) as blocked:
        client.transition_model_version_stage(name, "1", "Production")
    assert blocked.value.error_code == "PERMISSION_DENIED" and "stage Production" in str(blocked.value)
    version = ana.expect("GET", f"/registry/v1/models/{name}/versions")["items"][0]
    assert ana.send("POST", f"/registry/v1/versions/{version['version_id']}/approve", {"stage": "Production"}).status_code == 403
    ben.expect("POST", f"/registry/v1/versions/{version['version_id']}/approve", {"stage": "Production"})
    assert client.transition_model_version_stage(name, "1", "Production").current_stage == "Production"


def test_freeze_stops_a_plain_client(run_id, name, ana):
    client = mlflow.MlflowClient()
    client.create_registered_model(name)
    client.create_model_version(name, f"runs:/{run_id}/model", run_id=run_id)
    ana.expect("PUT", f"/registry/v1/models/{name}/gates", {"alias": "champion", "gates": ["not-frozen"]})
    window = {"model": name, "from": "2001-01-01T00:00:00Z", "to": "2999-01-01T00:00:00Z", "reason": "quarter end"}
    freeze = ana.expect("POST", "/registry/v1/freezes", window)
    with pytest.raises(MlflowException, match="quarter end"):
        client.set_registered_model_alias(name, "champion", "1")
    ana.expect("POST", f"/registry/v1/freezes/{freeze['freeze_id']}/lift", {"reason": "over"})
    client.set_registered_model_alias(name, "champion", "1")


def test_neither_deletion_rename_nor_copy_gets_around_a_gate(run_id, name, ana):
    client = mlflow.MlflowClient()
    other = f"{name}-other"
    client.create_registered_model(name)
    ana.expect("PUT", f"/registry/v1/models/{name}/gates", {"alias": "champion", "gates": ["approved-by-another"]})
    client.delete_registered_model(name)
    client.create_registered_model(name)
    client.create_registered_model(other)
    source = client.create_model_version(other, f"runs:/{run_id}/model", run_id=run_id)
    client.set_registered_model_alias(other, "champion", "1")
    copied = client.copy_model_version(f"models:/{other}/{source.version}", name)
    for attempt in (
        lambda: client.set_registered_model_alias(name, "champion", copied.version),
        lambda: (client.rename_registered_model(name, f"{name}-aside"), client.rename_registered_model(other, name)),
    ):
        with pytest.raises(MlflowException) as blocked:
            attempt()
        assert blocked.value.error_code == "PERMISSION_DENIED"


def test_model_is_renamed_with_its_versions(run_id, name):
    client = mlflow.MlflowClient()
    client.create_registered_model(name)
    client.create_model_version(name, f"runs:/{run_id}/model", run_id=run_id)
    client.set_registered_model_alias(name, "live", "1")
    client.rename_registered_model(name, f"{name}-2")
    renamed = client.get_registered_model(f"{name}-2")
    assert renamed.name == f"{name}-2" and {alias: int(version) for alias, version in renamed.aliases.items()} == {"live": 1}
    assert client.get_model_version(f"{name}-2", "1").name == f"{name}-2"
    client.create_registered_model(name)


def test_deleted_model_is_gone_and_comes_back(run_id, name, ana):
    client = mlflow.MlflowClient()
    client.create_registered_model(name, tags={"team": "ops"})
    for _ in range(2):
        client.create_model_version(name, f"runs:/{run_id}/model", run_id=run_id)
    client.set_registered_model_alias(name, "live", "2")
    model_id = ana.expect("GET", f"/registry/v1/models/{name}")["model_id"]
    client.delete_registered_model(name)
    with pytest.raises(MlflowException) as gone:
        client.get_registered_model(name)
    assert gone.value.error_code == "RESOURCE_DOES_NOT_EXIST"
    ana.expect("POST", f"/registry/v1/models/{model_id}/restore")
    assert client.get_registered_model(name).tags == {"team": "ops"}
    assert int(client.get_model_version_by_alias(name, "live").version) == 2
    client.delete_registered_model(name)
    client.create_registered_model(name)
    assert int(client.create_model_version(name, f"runs:/{run_id}/model", run_id=run_id).version) == 1


def test_deleted_version_is_gone_and_its_number_with_it(run_id, name):
    client = mlflow.MlflowClient()
    client.create_registered_model(name)
    for _ in range(2):
        client.create_model_version(name, f"runs:/{run_id}/model", run_id=run_id)
    client.set_registered_model_alias(name, "live", "2")
    client.delete_model_version(name, "2")
    with pytest.raises(MlflowException) as gone:
        client.get_model_version(name, "2")
    assert gone.value.error_code == "RESOURCE_DOES_NOT_EXIST"
    assert client.get_registered_model(name).aliases == {}
    assert int(client.create_model_version(name, f"runs:/{run_id}/model", run_id=run_id).version) == 3


def test_versions_move_between_stages(run_id, name):
    client = mlflow.MlflowClient()
    client.create_registered_model(name)
    for _ in range(3):
        client.create_model_version(name, f"runs:/{run_id}/model", run_id=run_id)
    client.transition_model_version_stage(name, "1", "production")
    client.transition_model_version_stage(name, "2", "Production", archive_existing_versions=True)
    assert client.get_model_version(name, "1").current_stage == "Archived"
    latest = {version.current_stage: int(version.version) for version in client.get_latest_versions(name)}
    assert latest == {"Archived": 1, "Production": 2, "None": 3}
    assert [int(version.version) for version in client.get_latest_versions(name, ["Production"])] == [2]
    for stage, archive in (("Live", False), ("Archived", True)):
        with pytest.raises(MlflowException) as refused:
            client.transition_model_version_stage(name, "3", stage, archive_existing_versions=archive)
        assert refused.value.error_code == "INVALID_PARAMETER_VALUE"


def test_version_is_copied(run_id, name):
    client = mlflow.MlflowClient()
    client.create_registered_model(name)
    client.create_model_version(name, f"runs:/{run_id}/model", run_id=run_id, tags={"a": "b"}, description="d")
    copy = client.copy_model_version(f"models:/{name}/1", f"{name}-copy")
    assert (copy.name, int(copy.version), copy.run_id, copy.tags) == (f"{name}-copy", 1, run_id, {"a": "b"})
    assert copy.source == f"models:/{name}/1"
    assert client.get_model_version_download_uri(f"{name}-copy", "1") == f"runs:/{run_id}/model"


@pytest.mark.parametrize("source", ["/etc/passwd", "file:///etc/passwd", "runs:/x/../../secret", "runs:/x/%252e%252e/secret", "models:/x@champion"])
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
