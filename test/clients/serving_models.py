"""What it takes to have a model served: a run, a version with a golden answer, an approval, a rollout."""

import hashlib
import json
import time
import uuid
from pathlib import Path

import mlflow

# A signature holds five tensors.
DATATYPES = {
    "unsigned": ["BOOL", "UINT8", "UINT16", "UINT32", "UINT64"],
    "signed": ["INT8", "INT16", "INT32", "INT64"],
    "other": ["FP16", "FP32", "FP64", "BYTES"],
}


def sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def tensor(name: str, datatype: str = "FP32", width: int = 2) -> dict:
    return {"name": name, "datatype": datatype, "shape": [-1, width], "columns": []}


def row_of(spec: dict, value) -> dict:
    """One row for a golden answer, the same value in every column."""
    return {"name": spec["name"], "datatype": spec["datatype"], "shape": [1, spec["shape"][1]], "data": [value] * spec["shape"][1]}


def create_version(ana, ben, file: Path, signature: dict, golden: dict) -> dict:
    """A version of a new model that carries `champion`, approved by another than who made it."""
    name = f"{file.stem}-{uuid.uuid4().hex[:12]}"
    mlflow.set_experiment(name)
    answer = json.dumps(golden)
    with mlflow.start_run() as run:
        mlflow.log_artifact(str(file))
        mlflow.log_text(answer, "golden.json")
    ana.expect("POST", "/registry/v1/models", {"name": name})
    ana.expect("PUT", f"/registry/v1/models/{name}/gates", {"alias": "champion", "gates": ["signature-present", "approved-by-another"]})
    content = file.read_bytes()
    version = ana.expect("POST", f"/registry/v1/models/{name}/versions", {
        "run_id": run.info.run_id,
        "source": f"runs:/{run.info.run_id}/{file.name}",
        "digest": sha256(content),
        "size_bytes": len(content),
        "golden_digest": sha256(answer.encode()),
        "signature": signature,
    })
    path = f"/registry/v1/versions/{version['version_id']}"
    ben.expect("POST", f"{path}/approve", {"alias": "champion", "comment": "golden answer looked at"})
    ana.expect("POST", f"{path}/promote", {"alias": "champion"})
    return version


def serve(ana, version: dict, replicas: int = 1) -> str:
    """A deployment that rolls the version out; its replicas have proved it, and it answers where it is asked for by number."""
    name = version["name"]
    ana.expect("POST", "/serving/v1/deployments", {"name": name, "model_name": name, "fallback_value": 0.5, "replicas": replicas})
    rollouts = f"/serving/v1/deployments/{name}/rollouts"
    rollout = ana.expect("POST", rollouts, {"version_id": version["version_id"], "minimum_requests": 1, "canary_weight": 0.9})
    while not all(proof["proved"] for proof in rollout["proofs"]) or len(rollout["proofs"]) < replicas:
        assert all(proof["proved"] for proof in rollout["proofs"]), rollout
        time.sleep(0.1)
        rollout = ana.expect("GET", f"{rollouts}/{rollout['rollout_id']}")
    return name


def serve_identity(ana, ben, fixtures: Path, group: str) -> str:
    """A model that gives tensors of a group of datatypes back under `<datatype>_out`, as version 1."""
    inputs = [tensor(datatype, datatype) for datatype in DATATYPES[group]]
    outputs = [tensor(f"{datatype}_out", datatype) for datatype in DATATYPES[group]]
    golden = {
        "inputs": [row_of(spec, "a" if spec["datatype"] == "BYTES" else 1) for spec in inputs],
        "outputs": [row_of(spec, "a" if spec["datatype"] == "BYTES" else 1) for spec in outputs],
    }
    return serve(ana, create_version(ana, ben, fixtures / f"identity-{group}.onnx", {"inputs": inputs, "outputs": outputs}, golden))
