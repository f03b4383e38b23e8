"""Golden values of src/formulas from their definitions, written with loops in numpy.

python benchmarks/golden/formulas.py
"""

import json
from itertools import permutations
from pathlib import Path

import numpy as np

src = Path(__file__).parents[2] / "src/formulas"
steps, batch, gamma, lam = 7, 3, 0.9, 0.7


def wave(*shape, at, scale=0.6):
    """What both sides start from: scale · sin(1.7 i + at), i the flat index."""
    return (scale * np.sin(1.7 * np.arange(np.prod(shape)) + at)).reshape(shape)


reward, value, next_value, q = (wave(steps, batch, at=at, scale=2) for at in (1, 2, 3, 5))
ratio = np.exp(wave(steps, batch, at=4))
continues, truncated = np.ones((steps, batch)), np.zeros((steps, batch))
continues[3, 0] = continues[6, 2] = 0
truncated[2, 1] = truncated[4, 1] = 1


def last(t, b):
    """No step follows in this recording."""
    return t == steps - 1 or truncated[t, b] == 1


def each(f):
    return [f(t, b) for t in range(steps) for b in range(batch)]


def n_step(n):
    def ret(t, b, left=n):
        follows = next_value[t, b] if left == 1 or last(t, b) else ret(t + 1, b, left - 1)
        return reward[t, b] + gamma * continues[t, b] * follows
    return each(ret)


def lambda_return(t, b):
    """The weighted sum of n-step returns, spelt out."""
    rewards, weight, scale, total = 0.0, 1.0, 1.0, 0.0
    while True:
        rewards += scale * reward[t, b]
        one = rewards + scale * gamma * continues[t, b] * next_value[t, b]
        if last(t, b) or continues[t, b] == 0:
            return total + weight * one
        total += weight * (1 - lam) * one
        weight *= lam
        scale *= gamma
        t += 1


def corrected(t, b, start, error, trace):
    """start + Σ_k γ^k (Π traces) errors"""
    total, scale = start, 1.0
    while True:
        total += scale * error(t, b)
        if last(t, b) or continues[t, b] == 0:
            return total
        scale *= gamma * trace(t, b)
        t += 1


def upgo(t, b):
    follows = next_value[t, b]
    if not last(t, b):
        one = reward[t + 1, b] + gamma * continues[t + 1, b] * next_value[t + 1, b]
        if one >= value[t + 1, b]:
            follows = upgo(t + 1, b)
    return reward[t, b] + gamma * continues[t, b] * follows


def delta(of):
    return lambda t, b: reward[t, b] + gamma * continues[t, b] * next_value[t, b] - of[t, b]


def clipped(t, b, at):
    return min(at, ratio[t, b])


def vtrace(t, b):
    return corrected(t, b, value[t, b], lambda t, b: clipped(t, b, 1.1) * delta(value)(t, b), lambda t, b: lam * clipped(t, b, 0.9))


def vtrace_advantage(t, b):
    follows = next_value[t, b] if last(t, b) else next_value[t, b] + vtrace(t + 1, b) - value[t + 1, b]
    return clipped(t, b, 1.1) * (reward[t, b] + gamma * continues[t, b] * follows - value[t, b])


def retrace(t, b):
    return corrected(t, b, q[t, b], delta(q), lambda t, b: lam * clipped(t + 1, b, 1))


def per_decision(t, b):
    start = t
    while start > 0 and not last(start - 1, b):
        start -= 1
    return ratio[start : t + 1, b].prod()


over_time = {
    "nStep1": n_step(1),
    "nStep3": n_step(3),
    "lambda": each(lambda_return),
    "advantage": each(lambda t, b: corrected(t, b, 0.0, delta(value), lambda t, b: lam)),
    "upgoing": each(upgo),
    "vTrace": each(vtrace),
    "vTraceAdvantage": each(vtrace_advantage),
    "retrace": each(retrace),
    "perDecision": each(per_decision),
}

quantiles, targets = wave(4, 5, at=6, scale=2), wave(4, 3, at=7, scale=2)


def quantile_huber(kappa):
    total = 0.0
    for b in range(4):
        for i in range(5):
            for j in range(3):
                u = targets[b, j] - quantiles[b, i]
                huber = 0.5 * u * u if abs(u) <= kappa else kappa * (abs(u) - 0.5 * kappa)
                total += abs((i + 0.5) / 5 - (u < 0)) * huber / kappa / 3 / 4
    return total


scores = wave(2, 4, at=8)


def ranking(row):
    """The probability of 0, 1, 2, … among all orders, drawn one after another without replacement."""
    def chance(order):
        weights, p = np.exp(row), 1.0
        for k, i in enumerate(order):
            p *= weights[i] / sum(weights[j] for j in order[k:])
        return p
    assert abs(sum(chance(order) for order in permutations(range(len(row)))) - 1) < 1e-12
    return np.log(chance(range(len(row))))


p, r = (np.exp(w) / np.exp(w).sum(-1, keepdims=True) for w in (wave(2, 4, at=9), wave(2, 4, at=10)))
middle = (p + r) / 2
error = wave(5, at=11, scale=2)
others = {
    "quantileHuber": [quantile_huber(0.8)],
    "asymmetric": [np.mean(np.abs(0.3 - (error < 0)) * np.abs(error) ** 1.5)],
    "gumbel": [np.mean(np.exp(error / 0.7) - error / 0.7 - 1)],
    "plackettLuce": [ranking(row) for row in scores],
    "kl": (p * np.log(p / r)).sum(-1).tolist(),
    "reverseKl": (r * np.log(r / p)).sum(-1).tolist(),
    "jensenShannon": (0.5 * (p * np.log(p / middle) + r * np.log(r / middle)).sum(-1)).tolist(),
    "chiSquare": ((p - r) ** 2 / r).sum(-1).tolist(),
    "totalVariation": (0.5 * np.abs(p - r).sum(-1)).tolist(),
    "infoNce": [-np.mean([s[i] - np.log(np.exp(s).sum()) for i, s in enumerate(wave(4, 4, at=12))])],
    "nce": [np.mean([
        -np.log(np.exp(d) / (np.exp(d) + 3)) - sum(np.log(3 / (np.exp(n) + 3)) for n in row)
        for d, row in zip(wave(4, at=13), wave(4, 3, at=14))
    ])],
    "triplet": [np.mean([
        max(0, ((a - x) ** 2).sum() - ((a - y) ** 2).sum() + 0.5)
        for a, x, y in zip(wave(4, 3, at=15), wave(4, 3, at=16), wave(4, 3, at=17))
    ])],
}
(src / "formulas.golden.json").write_text(json.dumps({**over_time, **others}) + "\n")
