"""Provenance of a model version, checked with nothing but the envelope, a public key and `cryptography`."""

import base64
import hashlib
import json

import mlflow
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key


def open_envelope(envelope: dict, keys: dict) -> dict:
    """The statement in a DSSE envelope; raises InvalidSignature unless one of the keys, PEM by key id, signed it."""
    kind, body = envelope["payloadType"].encode(), base64.b64decode(envelope["payload"])
    covered = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)
    for signature in envelope["signatures"]:
        if signature["keyid"] in keys:
            key = load_pem_public_key(keys[signature["keyid"]].encode())
            key.verify(base64.b64decode(signature["sig"]), covered)
            return json.loads(body)
    raise InvalidSignature


def test_provenance_is_verified_offline(experiment, name, ana):
    with mlflow.start_run() as run:
        mlflow.log_param("depth", 4)
        mlflow.log_metric("auc", 0.7)
        mlflow.log_text("a model", "model/weights.txt")
    client = mlflow.MlflowClient()
    client.create_registered_model(name)
    client.create_model_version(name, f"runs:/{run.info.run_id}/model", run_id=run.info.run_id)
    envelope = ana.expect("GET", f"/registry/v1/models/{name}/versions/1/provenance")
    listed = ana.expect("GET", "/registry/v1/provenance/keys")["items"]
    keys = {key["keyid"]: key["public_key_pem"] for key in listed}
    for keyid, pem in keys.items():
        spki = load_pem_public_key(pem.encode()).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        assert hashlib.sha256(spki).hexdigest() == keyid

    statement = open_envelope(envelope, keys)
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["predicateType"] == "https://slsa.dev/provenance/v1"
    digest = hashlib.sha256(b"a model").hexdigest()
    assert {"name": "weights.txt", "digest": {"sha256": digest}} in statement["subject"]
    predicate = statement["predicate"]
    assert predicate["buildDefinition"]["externalParameters"]["parameters"] == {"depth": "4"}
    assert predicate["runDetails"]["metadata"]["invocationId"] == f"cairn:run/{run.info.run_id}"
    assert any("training data" in sentence for sentence in predicate["cairn_missing"])

    forged = {**envelope, "payload": base64.b64encode(base64.b64decode(envelope["payload"]).replace(b'"4"', b'"5"')).decode()}
    with pytest.raises(InvalidSignature):
        open_envelope(forged, keys)
