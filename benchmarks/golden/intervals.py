"""Golden values of src/evaluation/intervals.ts and bootstrap.ts, from scipy. Run: python benchmarks/golden/intervals.py"""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import scipy
from scipy import stats

rng = np.random.default_rng(20260)
first = np.round(rng.normal(3.0, 2.0, 12), 6)
second = np.round(rng.normal(2.0, 0.7, 12), 6)
third = np.round(rng.exponential(2.0, 31), 6)


def t_interval(x, level):
    low, high = stats.t.interval(level, len(x) - 1, loc=np.mean(x), scale=stats.sem(x))
    return [low, high]


def welch(a, b, level):
    ci = stats.ttest_ind(a, b, equal_var=False).confidence_interval(level)
    return [ci.low, ci.high]


def paired(a, b, level):
    ci = stats.ttest_rel(a, b).confidence_interval(level)
    return [ci.low, ci.high]


def exact(k, n, level):
    ci = stats.binomtest(k, n).proportion_ci(level, method="exact")
    return [ci.low, ci.high]


# A fixed distribution of the resampled statistic, so that the interval alone is compared and no generator is.
distribution = np.array([third[rng.integers(0, len(third), len(third))].std() for _ in range(499)])


def fixed(method, level):
    res = stats.bootstrap((third,), np.std, n_resamples=0, method=method, confidence_level=level,
                          bootstrap_result=SimpleNamespace(bootstrap_distribution=distribution), vectorized=False)
    return [res.confidence_interval.low, res.confidence_interval.high]


golden = {
    "made_with": f"scipy {scipy.__version__}, numpy {np.__version__}",
    "first": first.tolist(),
    "second": second.tolist(),
    "third": third.tolist(),
    "mean": [{"level": l, "interval": t_interval(first, l)} for l in (0.8, 0.95, 0.999)],
    "welch": [{"level": l, "interval": welch(first, third, l)} for l in (0.9, 0.95)],
    "paired": [{"level": l, "interval": paired(first, second, l)} for l in (0.9, 0.95)],
    "proportion": [
        {"successes": k, "n": n, "level": l, "interval": exact(k, n, l)}
        for k, n, l in [(0, 10, 0.95), (10, 10, 0.95), (7, 10, 0.9), (1, 3, 0.95), (812, 1000, 0.99), (3, 2000, 0.95)]
    ],
    "distribution": distribution.tolist(),
    "percentile": [{"level": l, "interval": fixed("percentile", l)} for l in (0.9, 0.95)],
    "bca": [{"level": l, "interval": fixed("BCa", l)} for l in (0.9, 0.95)],
}
out = Path(__file__).parents[2] / "src/evaluation/intervals.golden.json"
out.write_text(json.dumps(golden, indent=1))
