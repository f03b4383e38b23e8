"""Golden values of src/nn/heads.ts from torch.distributions, in double precision.

python benchmarks/golden/heads.py
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import distributions as D

torch.set_default_dtype(torch.float64)
src = Path(__file__).parents[2] / "src/nn"


def wave(*shape, at, scale=0.6):
    """What both sides start from: scale · sin(1.7 i + at), i the flat index."""
    size = torch.Size(shape).numel()
    return (scale * torch.sin(1.7 * torch.arange(size) + at)).reshape(shape).requires_grad_()


def golden(outputs, head, **inputs):
    """A 3-8-`outputs` network whose parameters are waves, numbered in the order of their paths; the loss is the sum of
    each result's mean square."""
    shapes = {"layers/0/bias": [8], "layers/0/weight": [3, 8], "layers/1/bias": [outputs], "layers/1/weight": [8, outputs]}
    params = {name: wave(*shape, at=at) for at, (name, shape) in enumerate(shapes.items())}
    hidden = (inputs["x"] @ params["layers/0/weight"] + params["layers/0/bias"]).relu()
    results = head(hidden @ params["layers/1/weight"] + params["layers/1/bias"], inputs)
    leaves = {**inputs, **params}
    loss = sum(r.square().mean() for r in results.values())
    slopes = torch.autograd.grad(loss, list(leaves.values()))
    return {
        **{f"out/{name}": r.flatten().tolist() for name, r in results.items()},
        **{f"slope/{name}": g.flatten().tolist() for name, g in zip(leaves, slopes, strict=True)},
    }


def tanh_gaussian(out, inputs):
    mean, log_spread = out[:, :2], out[:, 2:].clamp(-0.5, 0.4)
    squashed = D.TransformedDistribution(D.Independent(D.Normal(mean, log_spread.exp()), 1), [D.TanhTransform()])
    return {"logProb": squashed.log_prob(inputs["action"]), "mode": mean.tanh(), "spread": log_spread.exp()}


def beta(out, inputs):
    alpha, beta = (F.softplus(out) + 1).split(2, -1)
    stretched = D.TransformedDistribution(D.Independent(D.Beta(alpha, beta), 1), [D.AffineTransform(-1, 2)])
    entropy = D.Independent(D.Beta(alpha, beta), 1).entropy() + 2 * torch.log(torch.tensor(2.0))
    mode = 2 * (alpha - 1) / (alpha + beta - 2) - 1
    return {"logProb": stretched.log_prob(inputs["action"]), "mode": mode, "entropy": entropy}


def multi_discrete(out, inputs):
    parts = [D.Categorical(logits=part) for part in out.split([2, 3], -1)]
    picks = torch.tensor([[0, 2], [1, 0], [1, 1], [0, 0], [1, 2]])
    return {
        "logProb": sum(p.log_prob(picks[:, i]) for i, p in enumerate(parts)),
        "entropy": sum(p.entropy() for p in parts),
    }


def x():
    return wave(5, 3, at=50, scale=1.5)


def action():
    return wave(5, 2, at=60, scale=0.95)


results = {
    "tanh gaussian": golden(4, tanh_gaussian, x=x(), action=action()),
    "beta": golden(4, beta, x=x(), action=action()),
    "multi-discrete": golden(5, multi_discrete, x=x()),
}
(src / "heads.golden.json").write_text(json.dumps(results) + "\n")
