"""KServe's inference client: REST through the gateway, gRPC at its port."""

import asyncio

import httpx
import numpy as np
import pytest
from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest
from kserve.inference_client import RESTConfig
from serving_models import DATATYPES

VALUES = {
    "FP16": np.array([[1, -2]], dtype=np.float16),
    "FP32": np.array([[0.5, 1e30]], dtype=np.float32),
    "FP64": np.array([[0.1, -1]], dtype=np.float64),
    "BYTES": np.array([["Zürich", ""]], dtype=np.object_),
}


@pytest.fixture(scope="module")
def identity(identity_models) -> str:
    return identity_models["other"]


@pytest.fixture
def headers(ana) -> dict[str, str]:
    return dict(ana.headers)


def request_of(model: str, binary: bool) -> InferRequest:
    """KServe's client has no place for a version in the path of REST, so that it is part of the name."""
    inputs = []
    for datatype in DATATYPES["other"]:
        tensor = InferInput(datatype, [1, 2], datatype)
        tensor.set_data_from_numpy(VALUES[datatype], binary_data=binary or datatype == "FP16")
        inputs.append(tensor)
    return InferRequest(model, inputs, request_id="mine", model_version="1", parameters={"binary_data_output": True})


def assert_given_back(response) -> None:
    assert response.id == "mine"
    answered = {output.name: output.as_numpy() for output in response.outputs}
    for datatype in DATATYPES["other"]:
        array = answered[f"{datatype}_out"]
        if datatype == "BYTES":
            array = np.array([text.decode() if isinstance(text, bytes) else text for text in array.flatten()], dtype=np.object_).reshape(array.shape)
        np.testing.assert_array_equal(array, VALUES[datatype])


def with_rest(ask):
    async def run():
        async with InferenceRESTClient(RESTConfig(protocol="v2")) as client:
            return await ask(client)

    return asyncio.run(run())


def test_server_and_model_are_ready(gateway, identity, headers):
    assert with_rest(lambda client: client.is_server_live(gateway, headers=headers)) is True
    assert with_rest(lambda client: client.is_server_ready(gateway, headers=headers)) is True
    assert with_rest(lambda client: client.is_model_ready(gateway, identity, headers=headers)) is True
    assert with_rest(lambda client: client.is_model_ready(gateway, "nobody", headers=headers)) is False


@pytest.mark.parametrize("binary", [False, True])
def test_rest_takes_and_gives_tensors(gateway, identity, headers, binary):
    name = f"{identity}/versions/1"
    response = with_rest(lambda client: client.infer(gateway, request_of(identity, binary), model_name=name, headers=headers))
    # The client drops the version that the answer names.
    assert response.parameters["model_version"] == "1" and response.parameters["arm"] == "pinned"
    assert_given_back(response)


def test_rest_takes_and_gives_json_alone(gateway, identity_models, headers):
    inputs = [{"name": datatype, "datatype": datatype, "shape": [1, 2], "data": [[0, 1]]} for datatype in DATATYPES["signed"]]
    name = f"{identity_models['signed']}/versions/1"
    response = with_rest(lambda client: client.infer(gateway, {"id": "mine", "inputs": inputs}, model_name=name, headers=headers))
    assert {output.name: list(output.data) for output in response.outputs} == {f"{datatype}_out": [0, 1] for datatype in DATATYPES["signed"]}


def test_errors_carry_the_sentence_of_the_server(gateway, identity, headers):
    with pytest.raises(httpx.HTTPStatusError, match="Request for unknown model: 'nobody' is not found, '400 Bad Request'"):
        with_rest(lambda client: client.infer(gateway, request_of(identity, True), model_name="nobody", headers=headers))


def test_grpc_takes_and_gives_tensors(serving_grpc, identity, ana):
    metadata = (("authorization", ana.headers["Authorization"]),)

    async def ask():
        async with InferenceGRPCClient(serving_grpc) as client:
            assert await client.is_server_live(headers=metadata)
            assert await client.is_server_ready(headers=metadata)
            assert await client.is_model_ready(identity, headers=metadata)
            return await client.infer(request_of(identity, True), headers=metadata)

    assert_given_back(asyncio.run(ask()))
