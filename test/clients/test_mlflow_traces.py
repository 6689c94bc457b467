"""Tracing by the unmodified `mlflow` client: spans over OTLP, feedback, expectations, search and deletion."""

import uuid

import mlflow
import pytest
import requests
from mlflow.entities import AssessmentSource, SpanType
from mlflow.exceptions import MlflowException

pytestmark = pytest.mark.since("3.4", "traces as spans over OTLP")


@pytest.fixture(autouse=True)
def tracing(experiment):
    mlflow.tracing.enable()
    yield
    mlflow.flush_trace_async_logging()


@mlflow.trace(span_type=SpanType.RETRIEVER)
def retrieve(question: str) -> list[str]:
    return [f"{question} größe"]


@mlflow.trace(name="answer", attributes={"model": "rules"})
def answer(question: str) -> dict:
    with mlflow.start_span("think", span_type=SpanType.LLM) as span:
        span.set_inputs({"documents": retrieve(question)})
        span.set_attribute("temperature", 0.5)
        span.set_outputs("done")
    return {"answer": question.upper(), "count": 2**60}


def answered(question: str = "why") -> str:
    answer(question)
    mlflow.flush_trace_async_logging()
    return mlflow.get_last_active_trace_id()


def found(experiment, **filters) -> list[str]:
    traces = mlflow.search_traces(locations=[experiment.experiment_id], return_type="list", **filters)
    return [trace.info.trace_id for trace in traces]


def test_spans_are_sent_over_otlp_and_read_back_as_they_were(experiment, gateway):
    assert requests.get(f"{gateway}/version", timeout=10, headers={"Authorization": f"Bearer {_token()}"}).text >= "3.4"
    trace_id = answered()
    trace = mlflow.get_trace(trace_id)
    assert trace.info.state == "OK" and trace.info.experiment_id == experiment.experiment_id
    assert trace.info.tags["mlflow.traceName"] == "answer" and trace.info.tags["mlflow.trace.spansLocation"] == "TRACKING_STORE"
    spans = {span.name: span for span in trace.data.spans}
    assert set(spans) == {"answer", "think", "retrieve"}
    root = spans["answer"]
    assert root.parent_id is None and spans["think"].parent_id == root.span_id and spans["retrieve"].parent_id == spans["think"].span_id
    assert root.inputs == {"question": "why"} and root.outputs == {"answer": "WHY", "count": 2**60}
    assert root.attributes["model"] == "rules" and spans["think"].attributes["temperature"] == 0.5
    assert spans["retrieve"].span_type == "RETRIEVER" and spans["retrieve"].outputs == ["why größe"]
    assert root.end_time_ns > root.start_time_ns > 1_600_000_000_000_000_000
    assert "WHY" in trace.info.response_preview


def test_failed_call_is_a_failed_trace(experiment):
    @mlflow.trace
    def fail():
        raise ValueError("no")

    with pytest.raises(ValueError):
        fail()
    mlflow.flush_trace_async_logging()
    trace = mlflow.get_trace(mlflow.get_last_active_trace_id())
    assert trace.info.state == "ERROR"
    assert [event.name for event in trace.data.spans[0].events] == ["exception"]
    assert found(experiment, filter_string="status = 'ERROR'") == [trace.info.trace_id]


def test_trace_is_tagged_while_it_runs_and_after(experiment):
    @mlflow.trace
    def tagged():
        mlflow.update_current_trace(tags={"team": "risk"}, metadata={"mlflow.trace.session": "s-1", "mlflow.trace.user": "ada"})

    tagged()
    mlflow.flush_trace_async_logging()
    trace_id = mlflow.get_last_active_trace_id()
    mlflow.set_trace_tag(trace_id, "stage", "trial")
    info = mlflow.get_trace(trace_id).info
    assert info.tags["team"] == "risk" and info.tags["stage"] == "trial" and info.trace_metadata["mlflow.trace.session"] == "s-1"
    mlflow.delete_trace_tag(trace_id, "team")
    assert "team" not in mlflow.get_trace(trace_id).info.tags
    assert found(experiment, filter_string="tags.stage = 'trial' AND metadata.`mlflow.trace.session` = 's-1'") == [trace_id]
    with pytest.raises(MlflowException):
        mlflow.MlflowClient().delete_trace_tag(trace_id, "absent")


def test_feedback_and_expectations(experiment):
    trace_id = answered()
    ada = AssessmentSource(source_type="HUMAN", source_id="ada@example.com")
    feedback = mlflow.log_feedback(trace_id=trace_id, name="correct", value=True, rationale="it is", source=ada, metadata={"round": "1"})
    mlflow.log_feedback(trace_id=trace_id, name="score", value=0.75)
    mlflow.log_feedback(trace_id=trace_id, name="judge", error=RuntimeError("away"))
    expectation = mlflow.log_expectation(trace_id=trace_id, name="expected", value={"answer": ["WHY"], "n": 1}, source=ada)
    assessments = {assessment.name: assessment for assessment in mlflow.get_trace(trace_id).info.assessments}
    assert assessments["correct"].value is True and assessments["correct"].rationale == "it is" and assessments["correct"].source.source_id == "ada@example.com"
    assert assessments["score"].value == 0.75 and assessments["judge"].error.error_message == "away"
    assert assessments["expected"].value == {"answer": ["WHY"], "n": 1}
    assert mlflow.get_assessment(trace_id, feedback.assessment_id).metadata == {"round": "1"}

    override = mlflow.override_feedback(trace_id=trace_id, assessment_id=feedback.assessment_id, value=False, rationale="no")
    assert mlflow.get_assessment(trace_id, feedback.assessment_id).valid is False
    assert found(experiment, filter_string="feedback.correct = 'false'") == [trace_id]
    mlflow.delete_assessment(trace_id=trace_id, assessment_id=override.assessment_id)
    assert mlflow.get_assessment(trace_id, feedback.assessment_id).valid is True
    mlflow.update_assessment(trace_id=trace_id, assessment_id=expectation.assessment_id, assessment=mlflow.entities.Expectation(name="expected", value="WHY"))
    assert mlflow.get_assessment(trace_id, expectation.assessment_id).value == "WHY"
    assert found(experiment, filter_string="feedback.score > 0.5 AND expectation.expected = 'WHY'") == [trace_id]
    with pytest.raises(MlflowException):
        mlflow.log_feedback(trace_id=f"tr-{uuid.uuid4().hex}", name="correct", value=True)


def test_search_by_spans_text_order_and_pages(experiment):
    ids = [answered(f"question {number}") for number in range(5)]
    assert found(experiment) == list(reversed(ids))
    assert found(experiment, order_by=["timestamp_ms ASC"]) == ids
    assert found(experiment, max_results=2) == [ids[4], ids[3]]
    assert found(experiment, filter_string="trace.text LIKE '%question 3%'") == [ids[3]]
    assert len(found(experiment, filter_string="span.name = 'think' AND span.type = 'LLM'")) == 5
    assert len(found(experiment, filter_string="span.attributes.model LIKE '%rules%' AND name = 'answer'")) == 5
    assert found(experiment, filter_string="tags.absent = 'x'") == []
    assert found(experiment, include_spans=False) == list(reversed(ids))
    client = mlflow.MlflowClient()
    page = client.search_traces(locations=[experiment.experiment_id], max_results=3)
    rest = client.search_traces(locations=[experiment.experiment_id], max_results=3, page_token=page.token)
    assert [trace.info.trace_id for trace in [*page, *rest]] == list(reversed(ids)) and not rest.token
    with pytest.raises(MlflowException, match="Invalid"):
        found(experiment, filter_string="nonsense = 'x'")


def test_traces_belong_to_their_run(experiment):
    with mlflow.start_run() as run:
        inside = answered()
    outside = answered()
    assert found(experiment, run_id=run.info.run_id) == [inside]
    mlflow.MlflowClient().link_traces_to_run([outside], run.info.run_id)
    assert sorted(found(experiment, run_id=run.info.run_id)) == sorted([inside, outside])


def test_traces_know_their_prompt_versions(experiment, name):
    prompt = mlflow.genai.register_prompt(name=name, template="Answer {{question}}")
    trace_id = answered()
    mlflow.MlflowClient().link_prompt_versions_to_trace([prompt], trace_id)
    assert found(experiment, filter_string=f"prompt = '{name}/{prompt.version}'") == [trace_id]


def paid_call(model: str, tokens: int, cost: float):
    with mlflow.start_span("chat", span_type=SpanType.CHAT_MODEL) as span:
        span.set_attribute("mlflow.chat.tokenUsage", {"input_tokens": tokens, "output_tokens": 1, "total_tokens": tokens + 1})
        span.set_attribute("mlflow.llm.model", model)
        span.set_attribute("mlflow.llm.cost", {"input_cost": cost, "output_cost": 0.0, "total_cost": cost})


@pytest.mark.since("3.16", "figures over many traces")
def test_figures_over_many_traces(experiment):
    from mlflow.entities.trace_metrics import AggregationType, MetricAggregation, MetricViewType
    from mlflow.tracing.client import TracingClient

    for model, tokens, cost in [("large", 10, 0.5), ("small", 20, 0.25), ("small", 30, 0.25)]:
        paid_call(model, tokens, cost)
    answered()
    store = TracingClient().store

    def figures(view: MetricViewType, metric: str, *aggregations: MetricAggregation, **others) -> list[tuple[dict, dict]]:
        points = store.query_trace_metrics([experiment.experiment_id], view, metric, list(aggregations), **others)
        assert all(point.metric_name == metric for point in points)
        return [(point.dimensions, point.values) for point in points]

    count, total = MetricAggregation(AggregationType.COUNT), MetricAggregation(AggregationType.SUM)
    median = MetricAggregation(AggregationType.PERCENTILE, 50)
    assert figures(MetricViewType.TRACES, "trace_count", count, dimensions=["trace_name"]) == [
        ({"trace_name": "answer"}, {"COUNT": 1}),
        ({"trace_name": "chat"}, {"COUNT": 3}),
    ]
    assert figures(MetricViewType.TRACES, "input_tokens", total, median) == [({}, {"SUM": 60, "P50.0": 20})]
    assert figures(MetricViewType.SPANS, "total_cost", total, dimensions=["span_model_name"]) == [
        ({"span_model_name": "large"}, {"SUM": 0.5}),
        ({"span_model_name": "small"}, {"SUM": 0.5}),
    ]
    assert figures(MetricViewType.SPANS, "span_count", count, filters=["span.type = 'RETRIEVER'"]) == [({}, {"COUNT": 1})]
    start, end = 0, 2**42
    [(bucket, latency)] = figures(MetricViewType.TRACES, "latency", median, time_interval_seconds=2**31, start_time_ms=start, end_time_ms=end)
    assert bucket["time_bucket"].endswith("+00:00") and latency["P50.0"] >= 0
    with pytest.raises(MlflowException, match="start_time_ms and end_time_ms are required"):
        figures(MetricViewType.TRACES, "latency", median, time_interval_seconds=60)
    with pytest.raises(MlflowException, match="Found invalid dimension"):
        figures(MetricViewType.TRACES, "latency", median, dimensions=["span_name"])


@pytest.mark.since("3.16", "correlations of filters")
def test_correlation_of_two_filters(experiment):
    from mlflow.tracing.client import TracingClient

    ids = [answered(f"question {number}") for number in range(4)]
    for trace_id in ids[:2]:
        mlflow.set_trace_tag(trace_id, "team", "risk")
    mlflow.log_feedback(trace_id=ids[0], name="score", value=0.9)
    found_together = TracingClient().calculate_trace_filter_correlation([experiment.experiment_id], "tags.team = 'risk'", "feedback.score > 0.5")
    assert (found_together.filter1_count, found_together.filter2_count, found_together.joint_count, found_together.total_count) == (2, 1, 1, 4)
    assert found_together.npmi == pytest.approx(0.5) and -1 < found_together.npmi_smoothed < 1
    nothing = TracingClient().calculate_trace_filter_correlation([experiment.experiment_id], "name = 'none'", "status = 'OK'")
    assert str(nothing.npmi) == "nan" and nothing.npmi_smoothed is None


def test_traces_are_deleted(experiment):
    first, second, third = [answered() for _ in range(3)]
    client = mlflow.MlflowClient()
    assert client.delete_traces(experiment.experiment_id, trace_ids=[second]) == 1
    assert found(experiment) == [third, first]
    with pytest.raises(MlflowException):
        client.get_trace(second)
    assert client.delete_traces(experiment.experiment_id, max_timestamp_millis=2**42, max_traces=1) == 1
    assert found(experiment) == [third]
    assert client.delete_traces(experiment.experiment_id, max_timestamp_millis=2**42) == 1
    assert found(experiment) == []


def _token() -> str:
    from conftest import TOKENS

    return TOKENS["ana"]
