"""`tritonclient.grpc` and `tritonclient.grpc.aio` against the port of gRPC."""

import asyncio
import queue

import numpy as np
import pytest
import tritonclient.grpc as triton
import tritonclient.grpc.aio as triton_aio
from serving_models import DATATYPES
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

DTYPES = {
    "BOOL": np.bool_, "UINT8": np.uint8, "UINT16": np.uint16, "UINT32": np.uint32, "UINT64": np.uint64, "INT8": np.int8, "INT16": np.int16, "INT32": np.int32,
    "INT64": np.int64, "FP16": np.float16, "FP32": np.float32, "FP64": np.float64,
}


@pytest.fixture(scope="module")
def client(serving_grpc):
    with triton.InferenceServerClient(serving_grpc) as client:
        yield client


@pytest.fixture(scope="module")
def headers(ana) -> dict[str, str]:
    return {"authorization": ana.headers["Authorization"]}


@pytest.fixture(scope="module")
def identity(identity_models) -> str:
    return identity_models["other"]


def values(datatype: str, rows: int) -> np.ndarray:
    if datatype == "BYTES":
        return np.array([["", "Zürich 東京"]] * rows, dtype=np.object_).reshape(rows, 2)
    if datatype == "BOOL":
        return np.array([[True, False]] * rows, dtype=np.bool_).reshape(rows, 2)
    if datatype.startswith("FP"):
        return np.array([[0.1, -np.inf]] * rows, dtype=DTYPES[datatype]).reshape(rows, 2)
    limits = np.iinfo(DTYPES[datatype])
    return np.array([[limits.min, limits.max]] * rows, dtype=DTYPES[datatype]).reshape(rows, 2)


def as_input(datatype: str, array: np.ndarray, module=triton):
    tensor = module.InferInput(datatype, list(array.shape), datatype)
    tensor.set_data_from_numpy(array)
    return tensor


def all_inputs(rows: int = 1, module=triton, group: str = "other") -> list:
    return [as_input(datatype, values(datatype, rows), module) for datatype in DATATYPES[group]]


def assert_given_back(result, rows: int = 1, group: str = "other") -> None:
    for datatype in DATATYPES[group]:
        array = result.as_numpy(f"{datatype}_out")
        expected = values(datatype, rows)
        if datatype == "BYTES":
            array = np.array([text.decode() for text in array.flatten()], dtype=np.object_).reshape(array.shape)
        else:
            assert np_to_triton_dtype(array.dtype) == datatype
        np.testing.assert_array_equal(array, expected)


def test_server_and_model_say_what_they_are(client, identity, headers):
    assert client.is_server_live(headers=headers)
    assert client.is_server_ready(headers=headers)
    assert client.get_server_metadata(headers=headers).name == "cairn"
    assert client.is_model_ready(identity, "1", headers=headers)
    metadata = client.get_model_metadata(identity, headers=headers, as_json=True)
    assert metadata["versions"] == ["1"]
    assert {tensor["name"]: tensor["datatype"] for tensor in metadata["inputs"]} == {datatype: datatype for datatype in DATATYPES["other"]}
    config = client.get_model_config(identity, headers=headers).config
    assert config.backend == "onnxruntime" and config.max_batch_size == 16384
    assert [list(tensor.dims) for tensor in config.input] == [[2]] * 4


@pytest.mark.parametrize("compression", [None, "gzip", "deflate"])
@pytest.mark.parametrize("rows", [0, 1, 3])
@pytest.mark.parametrize("group", DATATYPES)
def test_every_datatype_comes_back_as_it_went(client, identity_models, headers, group, rows, compression):
    inputs = all_inputs(rows, group=group)
    result = client.infer(identity_models[group], inputs, model_version="1", request_id="mine", headers=headers, compression_algorithm=compression)
    assert result.get_response().id == "mine"
    assert_given_back(result, rows, group)


def test_outputs_parameters_and_time_limits(client, identity, headers):
    outputs = [triton.InferRequestedOutput("FP32_out")]
    parameters = {"key": "somebody", "rank": 3, "share": 0.5, "strict": True}
    result = client.infer(
        identity, all_inputs(), model_version="1", outputs=outputs, headers=headers, priority=1, timeout=60_000_000, client_timeout=60, parameters=parameters
    )
    assert [output.name for output in result.get_response().outputs] == ["FP32_out"]
    assert result.get_response().parameters["arm"].string_param == "pinned"


def test_answers_that_are_called_back(client, identity, headers):
    answers: queue.Queue = queue.Queue()
    for _ in range(20):
        client.async_infer(identity, all_inputs(), lambda result, error: answers.put((result, error)), model_version="1", headers=headers)
    for _ in range(20):
        result, error = answers.get(timeout=60)
        assert error is None
        assert_given_back(result)


def test_streams_answer_each_request_and_say_what_is_wrong(serving_grpc, identity, headers):
    answers: queue.Queue = queue.Queue()
    with triton.InferenceServerClient(serving_grpc) as client:
        client.start_stream(lambda result, error: answers.put((result, error)), headers=headers)
        for request in range(10):
            client.async_stream_infer(identity, all_inputs(), model_version="1", request_id=str(request), enable_empty_final_response=True)
        client.async_stream_infer("nobody", all_inputs(), request_id="lost")
        gathered = [answers.get(timeout=60) for _ in range(11)]
        client.stop_stream()
    errors = [error for _, error in gathered if error is not None]
    assert len(errors) == 1 and "Request for unknown model: 'nobody'" in str(errors[0])
    right = [result for result, error in gathered if error is None]
    assert sorted(result.get_response().id for result in right) == [str(request) for request in range(10)]
    for result in right:
        assert_given_back(result)


def test_errors_are_those_of_the_protocol(client, identity, headers):
    def refused(status: str, text: str, call) -> None:
        with pytest.raises(InferenceServerException) as caught:
            call()
        assert caught.value.status() == f"StatusCode.{status}"
        assert text in caught.value.message()

    refused("INVALID_ARGUMENT", "Request for unknown model", lambda: client.infer("nobody", all_inputs(), headers=headers))
    refused("NOT_FOUND", "version 7 is not found", lambda: client.infer(identity, all_inputs(), model_version="7", headers=headers))
    refused("INVALID_ARGUMENT", "Missing required input(s)", lambda: client.infer(identity, all_inputs()[:3], model_version="1", headers=headers))
    wide = [as_input("FP32", np.zeros((1, 3), np.float32)), *[tensor for tensor in all_inputs() if tensor.name() != "FP32"]]
    refused("INVALID_ARGUMENT", "unexpected shape for input 'FP32'", lambda: client.infer(identity, wide, model_version="1", headers=headers))
    refused("INVALID_ARGUMENT", "failed to load", lambda: client.load_model(identity, headers=headers))
    refused("INVALID_ARGUMENT", "failed to unload", lambda: client.unload_model(identity, headers=headers))
    refused("UNIMPLEMENTED", "shared memory is not supported", lambda: client.register_system_shared_memory("region", "/region", 64, headers=headers))
    refused("UNAUTHENTICATED", "A valid token is needed", lambda: client.is_server_live())


def test_statistics_count_what_was_answered(client, identity, headers):
    def counts():
        [of_version] = client.get_inference_statistics(identity, "1", headers=headers).model_stats
        return of_version.inference_count, of_version.inference_stats.success.count

    rows, requests = counts()
    client.infer(identity, all_inputs(3), model_version="1", headers=headers)
    assert counts() == (rows + 3, requests + 1)


def test_classes_come_with_their_values(client, identity, headers):
    inputs = [as_input("FP32", np.array([[1, 2]], np.float32)), *[tensor for tensor in all_inputs() if tensor.name() != "FP32"]]
    outputs = [triton.InferRequestedOutput("FP32_out", class_count=2)]
    [[first, second]] = client.infer(identity, inputs, model_version="1", outputs=outputs, headers=headers).as_numpy("FP32_out")
    assert [text.decode().split(":")[1] for text in (first, second)] == ["1", "0"]


def test_repository_settings_and_shared_memory(client, identity, headers):
    index = client.get_model_repository_index(headers=headers)
    assert [(model.version, model.state) for model in index.models if model.name == identity] == [("1", "READY")]
    assert list(client.get_trace_settings(headers=headers).settings["trace_level"].value) == ["OFF"]
    assert client.get_log_settings(headers=headers).settings["log_info"].bool_param
    assert len(client.get_system_shared_memory_status(headers=headers).regions) == 0
    assert len(client.get_cuda_shared_memory_status(headers=headers).regions) == 0
    client.unregister_system_shared_memory(headers=headers)


def test_the_asynchronous_client(serving_grpc, identity, headers):
    async def ask() -> None:
        async with triton_aio.InferenceServerClient(serving_grpc) as client:
            assert await client.is_server_ready(headers=headers)
            assert (await client.get_model_metadata(identity, headers=headers)).name == identity
            inputs = all_inputs(2, triton_aio)
            answers = await asyncio.gather(*[client.infer(identity, inputs, model_version="1", headers=headers, compression_algorithm="gzip") for _ in range(10)])
            for answer in answers:
                assert_given_back(answer, 2)

            async def requests():
                for request in range(5):
                    yield {"model_name": identity, "inputs": inputs, "model_version": "1", "request_id": str(request)}

            ids = []
            async for result, error in client.stream_infer(requests(), headers=headers):
                assert error is None
                assert_given_back(result, 2)
                ids.append(result.get_response().id)
            assert sorted(ids) == ["0", "1", "2", "3", "4"]

    asyncio.run(ask())
