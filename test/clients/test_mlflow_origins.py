"""Where parameters came from, said and compared with nothing but MLflow's client and one GET."""

import json

import mlflow
import pytest
from mlflow.exceptions import MlflowException


def logged(version: str, max_features: str, **chosen: str) -> str:
    with mlflow.start_run() as run:
        mlflow.log_params({"max_features": max_features, **chosen})
        mlflow.set_tag("cairn.params.defaulted", json.dumps({"library": "scikit-learn", "version": version, "keys": ["max_features"]}))
    return run.info.run_id


def test_a_default_that_changed_with_the_library_is_pointed_out(experiment, ana):
    older, newer = logged("1.0", "auto", C="1"), logged("1.1", "sqrt", C="1")
    compared = ana.expect("GET", f"/tracking/v1/runs/compare?run_id={older}&run_id={newer}")
    assert compared["warnings"] == ["The default of max_features in scikit-learn is auto at version 1.0 and sqrt at 1.1: nobody chose this difference."]
    assert {param["key"]: param["difference"] for param in compared["params"]} == {"C": "none", "max_features": "default_changed"}
    assert mlflow.get_run(older).data.params == {"max_features": "auto", "C": "1"}


def test_origins_that_do_not_fit_are_refused(experiment):
    with mlflow.start_run(), pytest.raises(MlflowException) as refused:
        mlflow.set_tag("cairn.params.defaulted", "max_features")
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE" and "scikit-learn" in refused.value.message


def test_what_a_rerun_needs_is_told_with_the_calls_that_supply_it(experiment, ana, tmp_path):
    with mlflow.start_run() as run:
        mlflow.log_param("random_state", 42)
    path = f"/tracking/v1/runs/{run.info.run_id}/reproducibility"
    before = {part["part"]: part for part in ana.expect("GET", path)["parts"]}
    assert "mlflow.log_artifact" in before["environment"]["missing"][0]["how"] and before["seeds"]["missing"] == []
    (tmp_path / "uv.lock").write_text("numpy==2.1")
    mlflow.log_artifact(str(tmp_path / "uv.lock"), run_id=run.info.run_id)
    after = {part["part"]: part for part in ana.expect("GET", path)["parts"]}
    assert after["environment"]["missing"] == [] and after["environment"]["known"][0]["from"] == "artifact uv.lock"
