"""Success criteria, declared and read by a client that knows nothing of Cairn."""

import json

import mlflow
import pytest
from mlflow.exceptions import MlflowException

AUC = {"metric": "auc", "comparison": ">=", "threshold": 0.68}
SLICE = {"metric": "auc", "slice": "origin/JFK", "comparison": ">=", "threshold": 0.6, "sample_metric": "rows", "minimum_sample": 100}


def finished(**metrics: float) -> str:
    with mlflow.start_run() as run:
        mlflow.log_metrics({key.replace("__", "/slice/origin/"): value for key, value in metrics.items()})
    return run.info.run_id


def verdict(run_id: str) -> tuple[str, str]:
    tags = mlflow.get_run(run_id).data.tags
    return tags["cairn.verdict"], tags["cairn.criteria_version"]


def test_runs_are_judged_by_the_criteria_of_a_tag(experiment):
    mlflow.set_experiment_tag("cairn.criteria", json.dumps([AUC]))
    good, bad, silent = finished(auc=0.7), finished(auc=0.6), finished(loss=1.0)
    assert [verdict(run) for run in (good, bad, silent)] == [("pass", "1"), ("fail", "1"), ("inconclusive", "1")]
    found = mlflow.search_runs([experiment.experiment_id], filter_string="tags.`cairn.verdict` = 'pass'", output_format="list")
    assert [run.info.run_id for run in found] == [good]


def test_criteria_come_with_the_experiment(name, ana):
    experiment_id = mlflow.create_experiment(name, tags={"cairn.criteria": json.dumps([AUC])})
    versions = ana.expect("GET", f"/tracking/v1/experiments/{experiment_id}/criteria")["items"]
    assert [(version["version"], version["after_first_run"]) for version in versions] == [(1, False)]
    assert versions[0]["criteria"] == [AUC]


def test_a_slice_is_judged_by_its_own_metrics_and_sample(experiment):
    mlflow.set_experiment_tag("cairn.criteria", json.dumps([SLICE]))
    assert verdict(finished(auc=0.1, auc__JFK=0.7, rows__JFK=100))[0] == "pass"
    assert verdict(finished(auc=0.9, auc__JFK=0.5, rows__JFK=100))[0] == "fail"
    assert verdict(finished(auc=0.9, auc__JFK=0.7, rows__JFK=99))[0] == "inconclusive"


def test_the_best_run_is_found_when_it_is_named_and_not_again(experiment, ana):
    best = finished(auc=0.6)
    over_best = [{**AUC, "threshold": 0.05, "baseline": {"best_run": True}}]
    mlflow.set_experiment_tag("cairn.criteria", json.dumps(over_best))
    assert verdict(finished(auc=0.66)) == ("pass", "1")
    mlflow.set_experiment_tag("cairn.criteria", json.dumps(over_best))
    assert verdict(finished(auc=0.66)) == ("pass", "1")
    [version] = ana.expect("GET", f"/tracking/v1/experiments/{experiment.experiment_id}/criteria")["items"]
    assert version["after_first_run"] and version["criteria"][0]["baseline"] == {"kind": "best_run", "run_id": best, "value": 0.6, "considered_runs": 1}


@pytest.mark.since("3.2", "deleting tags of experiments")
def test_criteria_that_change_later_are_a_version_of_their_own_and_stay_when_the_tag_goes(experiment, ana):
    mlflow.set_experiment_tag("cairn.criteria", json.dumps([AUC]))
    before = finished(auc=0.6)
    mlflow.set_experiment_tag("cairn.criteria", json.dumps([{**AUC, "threshold": 0.5}]))
    mlflow.MlflowClient().delete_experiment_tag(experiment.experiment_id, "cairn.criteria")
    assert verdict(before) == ("fail", "1") and verdict(finished(auc=0.6)) == ("pass", "2")
    versions = ana.expect("GET", f"/tracking/v1/experiments/{experiment.experiment_id}/criteria")["items"]
    assert [version["after_first_run"] for version in versions] == [True, False]


@pytest.mark.parametrize("value", ["auc >= 0.68", "[]", json.dumps(AUC), json.dumps([{**AUC, "comparison": "="}]), json.dumps([{**AUC, "slice": "origin=JFK"}])])
def test_criteria_that_do_not_fit_are_refused_with_what_to_change(experiment, value):
    with pytest.raises(MlflowException) as refused:
        mlflow.set_experiment_tag("cairn.criteria", value)
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE" and "cairn.criteria" in refused.value.message
    assert "cairn.criteria" not in mlflow.get_experiment(experiment.experiment_id).tags


def test_nobody_sets_a_verdict(experiment):
    with mlflow.start_run(), pytest.raises(MlflowException) as refused:
        mlflow.set_tag("cairn.verdict", "pass")
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"
