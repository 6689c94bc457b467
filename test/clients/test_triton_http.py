"""`tritonclient.http` and `tritonclient.http.aio` through the gateway: everything of the protocol that is not gRPC."""

import asyncio

import numpy as np
import pytest
import requests
import tritonclient.http as triton
import tritonclient.http.aio as triton_aio
from serving_models import DATATYPES
from test_triton_grpc import DTYPES, values
from tritonclient.utils import InferenceServerException

GROUPS = list(DATATYPES)
JSON_DATATYPES = {group: [datatype for datatype in DATATYPES[group] if datatype != "FP16"] for group in GROUPS}


@pytest.fixture(scope="module")
def client(gateway):
    with triton.InferenceServerClient(gateway.removeprefix("http://"), concurrency=8) as client:
        yield client


@pytest.fixture(scope="module")
def headers(ana):
    """Anew for each call: the client writes its own into the dictionary that it is given."""
    return lambda: dict(ana.headers)


@pytest.fixture(scope="module")
def identity(identity_models) -> str:
    return identity_models["other"]


def plain(datatype: str, rows: int) -> np.ndarray:
    """What JSON can say: nothing infinite, and no whole number beyond 2^53."""
    if datatype in ("BOOL", "BYTES"):
        return values(datatype, rows)
    largest = 2**53 - 1 if datatype in ("INT64", "UINT64") else np.iinfo(DTYPES[datatype]).max if "INT" in datatype else 0.1
    return np.array([[0, largest]] * rows, dtype=DTYPES[datatype]).reshape(rows, 2)


def as_input(datatype: str, array: np.ndarray, binary: bool = True, module=triton):
    tensor = module.InferInput(datatype, list(array.shape), datatype)
    tensor.set_data_from_numpy(array, binary_data=binary)
    return tensor


def all_inputs(rows: int = 1, group: str = "other", module=triton) -> list:
    return [as_input(datatype, values(datatype, rows), True, module) for datatype in DATATYPES[group]]


def assert_same(answered: np.ndarray, expected: np.ndarray) -> None:
    if expected.dtype == np.object_:
        texts = [text.decode() if isinstance(text, bytes) else text for text in answered.flatten()]
        answered = np.array(texts, dtype=np.object_).reshape(answered.shape)
    else:
        assert answered.dtype == expected.dtype
    np.testing.assert_array_equal(answered, expected)


def refused(status: str, text: str, call) -> None:
    with pytest.raises(InferenceServerException) as caught:
        call()
    assert caught.value.status() == status
    assert text in caught.value.message()


def test_server_and_model_say_what_they_are(client, identity, headers):
    assert client.is_server_live(headers=headers(), query_params={"test_1": 1, "test_2": 2})
    assert client.is_server_ready(headers=headers())
    metadata = client.get_server_metadata(headers=headers())
    assert metadata["name"] == "cairn" and {"binary_tensor_data", "classification", "statistics"} <= set(metadata["extensions"])
    assert client.is_model_ready(identity, "1", headers=headers())
    assert not client.is_model_ready("nobody", headers=headers())
    for version in ("", "1", "champion"):
        model = client.get_model_metadata(identity, version, headers=headers())
        assert {tensor["name"]: tensor["datatype"] for tensor in model["inputs"]} == {datatype: datatype for datatype in DATATYPES["other"]}
        config = client.get_model_config(identity, version, headers=headers())
        assert config["backend"] == "onnxruntime" and config["max_batch_size"] == 16384
        assert {tensor["name"]: tensor["data_type"] for tensor in config["input"]}["BYTES"] == "TYPE_STRING"


def test_index_settings_and_shared_memory(client, identity, headers):
    index = [model for model in client.get_model_repository_index(headers=headers()) if model["name"] == identity]
    assert index == [{"name": identity, "version": "1", "state": "READY", "reason": ""}]
    assert client.get_trace_settings(headers=headers())["trace_level"] == ["OFF"]
    assert client.get_trace_settings(identity, headers=headers())["trace_rate"] == "1000"
    assert client.update_trace_settings(settings={"trace_level": None}, headers=headers())["trace_level"] == ["OFF"]
    assert client.get_log_settings(headers=headers())["log_info"]
    for kind in ("system", "cuda"):
        assert getattr(client, f"get_{kind}_shared_memory_status")(headers=headers()) == []
        getattr(client, f"unregister_{kind}_shared_memory")(headers=headers())
        getattr(client, f"unregister_{kind}_shared_memory")("region", headers=headers())


@pytest.mark.parametrize("compression", [None, "gzip", "deflate"])
@pytest.mark.parametrize("rows", [0, 1, 300])
@pytest.mark.parametrize("group", GROUPS)
def test_every_datatype_comes_back_raw(client, identity_models, headers, group, rows, compression):
    result = client.infer(
        identity_models[group], all_inputs(rows, group), "1", request_id="mine", headers=headers(),
        request_compression_algorithm=compression, response_compression_algorithm=compression,
    )
    assert result.get_response()["id"] == "mine"
    for datatype in DATATYPES[group]:
        assert_same(result.as_numpy(f"{datatype}_out"), values(datatype, rows))


@pytest.mark.parametrize("raw_outputs", [False, True])
@pytest.mark.parametrize("group", GROUPS)
def test_every_datatype_but_halves_comes_back_as_json_too(client, identity_models, headers, group, raw_outputs):
    inputs = [as_input(datatype, plain(datatype, 3), datatype == "FP16") for datatype in DATATYPES[group]]
    outputs = [triton.InferRequestedOutput(f"{datatype}_out", binary_data=raw_outputs) for datatype in JSON_DATATYPES[group]]
    result = client.infer(identity_models[group], inputs, "1", outputs=outputs, headers=headers())
    for datatype in JSON_DATATYPES[group]:
        assert_same(result.as_numpy(f"{datatype}_out"), plain(datatype, 3))


def test_raw_and_json_tensors_in_one_request(client, identity, headers):
    inputs = [as_input(datatype, plain(datatype, 2), datatype in ("FP16", "FP64")) for datatype in DATATYPES["other"]]
    outputs = [triton.InferRequestedOutput(f"{datatype}_out", binary_data=datatype in ("FP16", "BYTES")) for datatype in DATATYPES["other"]]
    result = client.infer(identity, inputs, "1", outputs=outputs, headers=headers())
    for datatype in DATATYPES["other"]:
        assert_same(result.as_numpy(f"{datatype}_out"), plain(datatype, 2))


def test_classes_parameters_and_alias(client, identity, headers):
    scores = np.array([[0.25, 0.75], [2, 1]], dtype=np.float32)
    inputs = [as_input("FP32", scores), *[as_input(datatype, values(datatype, 2)) for datatype in DATATYPES["other"] if datatype != "FP32"]]
    for binary in (False, True):
        outputs = [triton.InferRequestedOutput("FP32_out", binary_data=binary, class_count=1)]
        result = client.infer(identity, inputs, "champion", outputs=outputs, headers=headers(), priority=1, timeout=60_000_000, parameters={"key": "somebody"})
        assert result.get_response()["model_version"] == "1" and result.get_response()["parameters"]["arm"] == "pinned"
        classes = result.as_numpy("FP32_out")
        assert classes.shape == (2, 1)
        assert [text.decode() if isinstance(text, bytes) else text for text in classes.flatten()] == ["0.750000:1", "2.000000:0"]


def test_statistics_count_what_was_answered(client, identity, headers):
    def counted() -> dict:
        return client.get_inference_statistics(identity, "1", headers=headers())["model_stats"][0]

    before = counted()
    for _ in range(3):
        client.infer(identity, all_inputs(2), "1", headers=headers())
    after = counted()
    assert after["inference_count"] - before["inference_count"] == 6
    assert after["inference_stats"]["success"]["count"] - before["inference_stats"]["success"]["count"] == 3
    assert after["inference_stats"]["compute_infer"]["ns"] > before["inference_stats"]["compute_infer"]["ns"]
    assert any(batch["batch_size"] == 2 for batch in after["batch_stats"])
    assert identity in [model["name"] for model in client.get_inference_statistics(headers=headers())["model_stats"]]


def test_answers_that_are_waited_for_later(client, identity, headers):
    asked = [client.async_infer(identity, all_inputs(2), "1", request_id=str(number), headers=headers()) for number in range(20)]
    for number, request in enumerate(asked):
        result = request.get_result()
        assert result.get_response()["id"] == str(number)
        assert_same(result.as_numpy("BYTES_out"), values("BYTES", 2))


def test_bodies_made_and_read_without_a_connection(identity, headers, gateway):
    body, header_length = triton.InferenceServerClient.generate_request_body(all_inputs())
    sent = {**headers(), **({} if header_length is None else {"Inference-Header-Content-Length": str(header_length)})}
    answer = requests.post(f"{gateway}/v2/models/{identity}/versions/1/infer", data=body, headers=sent, timeout=60)
    length = answer.headers.get("Inference-Header-Content-Length")
    result = triton.InferenceServerClient.parse_response_body(answer.content, header_length=None if length is None else int(length))
    assert_same(result.as_numpy("FP16_out"), values("FP16", 1))


def test_errors_are_those_of_the_protocol(client, identity, headers):
    def with_fp32(tensor) -> list:
        return [tensor, *[other for other in all_inputs() if other.name() != tensor.name()]]

    def infer(inputs, version="1", **options):
        return lambda: client.infer(identity, inputs, version, headers=headers(), **options)

    refused("400", "Request for unknown model: 'nobody' is not found", lambda: client.infer("nobody", all_inputs(), headers=headers()))
    refused("404", "version 7 is not found", infer(all_inputs(), "7"))
    refused("404", "version nightly is not found", infer(all_inputs(), "nightly"))
    refused("400", "Missing required input(s)", infer(all_inputs()[:3]))
    refused("400", "unexpected shape for input 'FP32'", infer(with_fp32(as_input("FP32", np.zeros((1, 3), np.float32)))))
    refused("400", "NUL", infer(with_fp32(as_input("BYTES", np.array([["he\x00llo", "a"]], dtype=np.object_)))))
    refused("400", "unexpected inference output 'x'", infer(all_inputs(), outputs=[triton.InferRequestedOutput("x")]))
    refused("400", "not finite", infer(all_inputs(), outputs=[triton.InferRequestedOutput("FP32_out", binary_data=False)]))
    refused("400", "sending FP16 data via JSON is not supported", infer(all_inputs(), outputs=[triton.InferRequestedOutput("FP16_out", binary_data=False)]))
    refused("400", "failed to load", lambda: client.load_model(identity, headers=headers()))
    refused("400", "failed to unload", lambda: client.unload_model(identity, headers=headers()))
    refused("400", "can't be changed", lambda: client.update_trace_settings(settings={"trace_level": ["TIMESTAMPS"]}, headers=headers()))
    refused("400", "can't be changed", lambda: client.update_log_settings(settings={"log_verbose_level": 3}, headers=headers()))
    refused("501", "shared memory is not supported", lambda: client.register_system_shared_memory("region", "/region", 64, headers=headers()))
    refused("401", "A valid token is needed", lambda: client.get_server_metadata())


def test_what_is_too_large_is_refused_with_a_sentence(identity, headers, gateway):
    answer = requests.post(f"{gateway}/v2/models/{identity}/infer", data=bytes(64 * 1024 * 1024 + 1), headers=headers(), timeout=60)
    assert answer.status_code == 413 and "larger than 67108864 bytes" in answer.json()["error"]


def test_the_asynchronous_client(gateway, identity, headers):
    async def ask() -> None:
        async with triton_aio.InferenceServerClient(gateway.removeprefix("http://")) as client:
            assert await client.is_server_ready(headers=headers())
            assert (await client.get_model_config(identity, headers=headers()))["name"] == identity
            assert await client.get_model_repository_index(headers=headers())
            inputs = all_inputs(300, module=triton_aio)
            for compression in (None, "gzip", "deflate"):
                asked = [client.infer(identity, inputs, "1", headers=headers(), request_compression_algorithm=compression) for _ in range(5)]
                for result in await asyncio.gather(*asked):
                    for datatype in DATATYPES["other"]:
                        assert_same(result.as_numpy(f"{datatype}_out"), values(datatype, 300))
            with pytest.raises(InferenceServerException, match="Request for unknown model"):
                await client.infer("nobody", inputs, headers=headers())

    asyncio.run(ask())
