"""A model goes from a run through gates and a rollout, and `tritonclient` asks it."""

import hashlib
import json
import uuid

import mlflow
import numpy as np
import pytest
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

COLUMNS = ["distance", "hour"]


def sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def tensor(name: str, width: int, columns: list[str]) -> dict:
    return {"name": name, "datatype": "FP32", "shape": [-1, width], "columns": columns}


@pytest.fixture(scope="module")
def version(mean_model, ana, ben) -> dict:
    """A version with a golden answer, approved by another, that carries `champion`."""
    name = f"mean-{uuid.uuid4().hex[:12]}"
    mlflow.set_experiment(name)
    golden = json.dumps({
        "inputs": [{"name": "features", "datatype": "FP32", "shape": [1, 2], "data": [1, 3]}],
        "outputs": [{"name": "mean", "datatype": "FP32", "shape": [1, 1], "data": [2]}],
        "tolerance": 1e-6,
    })
    with mlflow.start_run() as run:
        mlflow.log_artifact(str(mean_model))
        mlflow.log_text(golden, "golden.json")
    ana.expect("POST", "/registry/v1/models", {"name": name})
    ana.expect("PUT", f"/registry/v1/models/{name}/gates", {"alias": "champion", "gates": ["signature-present", "approved-by-another"]})
    content = mean_model.read_bytes()
    created = ana.expect("POST", f"/registry/v1/models/{name}/versions", {
        "run_id": run.info.run_id,
        "source": f"runs:/{run.info.run_id}/mean.onnx",
        "digest": sha256(content),
        "size_bytes": len(content),
        "golden_digest": sha256(golden.encode()),
        "signature": {"inputs": [tensor("features", 2, COLUMNS)], "outputs": [tensor("mean", 1, [])]},
    })
    path = f"/registry/v1/versions/{created['version_id']}"
    assert ana.send("POST", f"{path}/promote", {"alias": "champion"}).status_code == 422
    assert ana.send("POST", f"{path}/approve", {"alias": "champion"}).status_code == 403
    ben.expect("POST", f"{path}/approve", {"alias": "champion", "comment": "golden answer looked at"})
    ana.expect("POST", f"{path}/promote", {"alias": "champion"})
    return created


@pytest.fixture(scope="module")
def client(gateway) -> triton.InferenceServerClient:
    return triton.InferenceServerClient(gateway.removeprefix("http://"))


def infer(client, model: str, rows: list[list[float]], ana, **options) -> np.ndarray:
    features = triton.InferInput("features", [len(rows), 2], "FP32")
    features.set_data_from_numpy(np.array(rows, dtype=np.float32), binary_data=options.get("binary", False))
    mean = triton.InferRequestedOutput("mean", binary_data=options.get("binary", False))
    return client.infer(model, [features], outputs=[mean], headers=ana.headers).as_numpy("mean")


@pytest.fixture(scope="module")
def model(version, client, ana) -> str:
    """A deployment whose two replicas run the version."""
    name = version["name"]
    ana.expect("POST", "/serving/v1/deployments", {"name": name, "model_name": name, "fallback_value": 0.5, "replicas": 2})
    rollouts = f"/serving/v1/deployments/{name}/rollouts"
    rollout = ana.expect("POST", rollouts, {"version_id": version["version_id"], "minimum_requests": 1, "canary_weight": 0.9})
    for _stage in ("shadow", "canary", "full"):
        for row in range(40):
            infer(client, name, [[row, row]], ana)
        rollout = ana.expect("POST", f"{rollouts}/{rollout['rollout_id']}/advance")
    assert rollout["status"] == "completed"
    assert [proof["proved"] for proof in rollout["proofs"]] == [True, True]
    return name


def test_server_is_alive_and_ready(client, ana):
    assert client.is_server_live(headers=ana.headers)
    assert client.is_server_ready(headers=ana.headers)
    assert client.get_server_metadata(headers=ana.headers)["name"]


def test_model_says_what_it_takes(client, model, ana):
    assert client.is_model_ready(model, headers=ana.headers)
    metadata = client.get_model_metadata(model, headers=ana.headers)
    assert metadata["name"] == model and metadata["versions"] == ["1"]
    assert metadata["inputs"] == [{"name": "features", "datatype": "FP32", "shape": [-1, 2]}]
    assert metadata["outputs"] == [{"name": "mean", "datatype": "FP32", "shape": [-1, 1]}]


@pytest.mark.parametrize("binary", [False, True])
def test_model_answers_with_json_and_binary_tensors(client, model, ana, binary):
    answer = infer(client, model, [[1, 3], [10, 20]], ana, binary=binary)
    np.testing.assert_allclose(answer, [[2], [15]], rtol=1e-6)


def test_unknown_model_is_an_error_of_the_protocol(client, ana):
    with pytest.raises(InferenceServerException):
        infer(client, "nobody", [[1, 2]], ana)
