"""Cost and energy of runs that nothing but MLflow's client has reported, as its system metrics do."""

import time

import mlflow
from mlflow.entities import Metric

PRICES = {
    "currency": "EUR", "valid_from_ms": 0, "cpu_hour_price": "0.05", "memory_gib_hour_price": "0.005", "energy_kwh_price": "0.3",
    "gpus": [{"model": "H200", "hour_price": "3.5"}], "grid_gco2e_per_kwh": "380", "grid_region": "DE", "grid_source": "a publication, 2024",
}
HOUR_MS = 3_600_000


def test_power_that_the_client_sampled_is_energy_carbon_and_money(experiment, ana):
    ana.expect("POST", "/tracking/v1/price-lists", PRICES)
    client = mlflow.MlflowClient()
    end = int(time.time() * 1000)
    start = end - HOUR_MS
    tags = {"cairn.hardware.gpu_model": "H200", "cairn.hardware.cpu_count": "2", "cairn.hardware.memory_gib": "16"}
    run_id = client.create_run(experiment.experiment_id, start_time=start, tags=tags).info.run_id
    client.log_batch(run_id, metrics=[Metric("system/gpu_0_power_usage_watts", 500.0, start + at * 60_000, at) for at in range(61)])
    client.set_terminated(run_id, end_time=end)
    cost = ana.expect("GET", f"/tracking/v1/runs/{run_id}/cost")
    figures = {line["resource"]: (line["amount"], line["label"], line["money"]) for line in cost["lines"]}
    assert figures == {
        "cpu_core_seconds": (7200, "default", "0.100000"),
        "gpu_seconds": (3600, "estimated", "3.500000"),
        "memory_gib_seconds": (57600, "default", "0.080000"),
        "energy_wh": (500, "estimated", "0.150000"),
    }
    assert cost["totals"]["money"] == {"amount": "3.830000", "currency": "EUR", "label": "default"}
    assert cost["totals"]["carbon_gco2e"] == {"amount": 190, "label": "estimated"} and cost["missing"] == []
    total = ana.expect("GET", f"/tracking/v1/experiments/{experiment.experiment_id}/cost")
    assert total["runs"] == 1 and total["money"] == [cost["totals"]["money"]]
