"""Golden values of src/evaluation/aggregate.ts: points from rliable's metrics, intervals from a stratified bootstrap in numpy.

pip install rliable scipy; python benchmarks/golden/aggregate.py
"""

import importlib.util
import json
from pathlib import Path

import numpy as np

# rliable's package imports arch, which does not import under every pandas; its metrics need neither.
folder = importlib.util.find_spec("rliable").submodule_search_locations[0]
spec = importlib.util.spec_from_file_location("metrics", f"{folder}/metrics.py")
metrics = importlib.util.module_from_spec(spec)
spec.loader.exec_module(metrics)

rng = np.random.default_rng(7)
tasks, seeds, other = 6, 5, 7
first = np.round(rng.normal(rng.uniform(0.3, 1.4, (tasks, 1)), 0.25, (tasks, seeds)), 3)
second = np.round(rng.normal(rng.uniform(0.2, 1.2, (tasks, 1)), 0.25, (tasks, other)), 3)
second[0, 0] = first[0, 0]  # a tie
thresholds = [0.0, 0.25, 0.5, 0.75, 1.0, 1.25]

functions = {
    "iqm": metrics.aggregate_iqm,
    "median": metrics.aggregate_median,
    "mean": metrics.aggregate_mean,
    "optimalityGap": metrics.aggregate_optimality_gap,
}


def resample(scores):
    return np.take_along_axis(scores, rng.integers(0, scores.shape[1], scores.shape), axis=1)


def interval(values):
    return np.percentile(values, [2.5, 97.5]).tolist()


draws = [resample(first) for _ in range(50_000)]
pairs = [(d, resample(second)) for d in draws[:4000]]
improvement = lambda a, b: float(metrics.probability_of_improvement(a.T, b.T))
golden = {
    "first": first.tolist(),
    "second": second.tolist(),
    "thresholds": thresholds,
    **{name: {"value": float(f(first.T)), "interval": interval([f(d.T) for d in draws])} for name, f in functions.items()},
    "improvement": {"value": improvement(first, second), "interval": interval([improvement(a, b) for a, b in pairs])},
    "profile": [{"value": float(np.mean(first > t)), "interval": interval([np.mean(d > t) for d in draws])} for t in thresholds],
}
out = Path(__file__).parents[2] / "src/evaluation/aggregate.golden.json"
out.write_text(json.dumps(golden, indent=1))
