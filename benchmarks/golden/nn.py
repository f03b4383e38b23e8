"""Golden values of src/nn and src/formulas from PyTorch, in double precision.

python benchmarks/golden/nn.py
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import distributions as D

torch.set_default_dtype(torch.float64)
src = Path(__file__).parents[2] / "src"


def wave(*shape, at, scale=0.6):
    """What both sides start from: scale · sin(1.7 i + at), i the flat index."""
    size = torch.Size(shape).numel()
    return (scale * torch.sin(1.7 * torch.arange(size) + at)).reshape(shape).requires_grad_()


def slopes(value, **leaves):
    grads = torch.autograd.grad(value, list(leaves.values()), allow_unused=True)
    return {f"slope/{name}": g.flatten().tolist() for name, g in zip(leaves, grads, strict=True)}


def flat(x):
    return x.detach().flatten().tolist()


mean, log_spread, value = wave(3, 2, at=1), wave(2, at=2), wave(3, 2, at=3, scale=2).detach()
normal = D.Independent(D.Normal(mean, log_spread.exp()), 1)
gaussian = {
    "logProb": flat(normal.log_prob(value)),
    "entropy": flat(normal.entropy()),
    "mode": flat(normal.mode),
    **slopes(normal.log_prob(value).sum(), mean=mean, logSpread=log_spread),
}

scores, other, choices = wave(3, 4, at=4, scale=3), wave(3, 4, at=5), torch.tensor([0, 3, 1])
choice = D.Categorical(logits=scores)
mixed = D.Categorical(probs=0.7 * choice.probs + 0.3 * D.Categorical(logits=other).probs)
categorical = {
    "logProb": flat(choice.log_prob(choices)),
    "entropy": flat(choice.entropy()),
    "mode": flat(choice.mode),
    "probabilities": flat(choice.probs),
    "mixed": flat(mixed.log_prob(choices)),
    **slopes(choice.log_prob(choices).sum() + choice.entropy().square().sum(), scores=scores),
}

weights, centres, log_spreads = wave(3, 4, at=6, scale=2), wave(3, 4, 2, at=7, scale=2), wave(3, 4, 2, at=8)
parts = D.MixtureSameFamily(D.Categorical(logits=weights), D.Independent(D.Normal(centres, log_spreads.exp()), 1))
mixture = {
    "logProb": flat(parts.log_prob(value)),
    "mode": flat(centres[torch.arange(3), weights.argmax(-1)]),
    **slopes(parts.log_prob(value).sum(), weights=weights, mean=centres, logSpread=log_spreads),
}

(src / "nn/distributions.golden.json").write_text(
    json.dumps({"gaussian": gaussian, "categorical": categorical, "mixture": mixture}) + "\n"
)

activations = {"relu": F.relu, "tanh": torch.tanh, "gelu": F.gelu, "silu": F.silu, "softplus": F.softplus}


def multi_layer(activation, normalise):
    """Sizes 3, 5, 4, 2. Leaves are numbered in the order of their paths."""
    sizes = [3, 5, 4, 2]
    leaves, at = {}, 0
    shapes = {}
    for i in range(3):
        shapes[f"layers/{i}/bias"], shapes[f"layers/{i}/weight"] = [sizes[i + 1]], [sizes[i], sizes[i + 1]]
        if normalise and i < 2:
            shapes[f"norms/{i}/bias"] = shapes[f"norms/{i}/scale"] = [sizes[i + 1]]
    for at, name in enumerate(sorted(shapes)):
        leaves[name] = wave(*shapes[name], at=at)
    x = h = wave(6, 3, at=50, scale=1.5)
    for i in range(3):
        h = F.linear(h, leaves[f"layers/{i}/weight"].T, leaves[f"layers/{i}/bias"])
        if i < 2:
            if normalise:
                h = F.layer_norm(h, [sizes[i + 1]], leaves[f"norms/{i}/scale"], leaves[f"norms/{i}/bias"])
            h = activations[activation](h)
    return {"out": flat(h), **slopes(h.square().mean(), x=x, **leaves)}


layers = {
    **{name: multi_layer(name, False) for name in activations},
    **{f"{name}, normalised": multi_layer(name, True) for name in ("relu", "tanh")},
}
(src / "nn/layers.golden.json").write_text(json.dumps(layers) + "\n")

prediction, target = wave(2, 5, at=9, scale=2), wave(5, at=10, scale=2).detach()
error = target - prediction[0]
expectile = (torch.where(error > 0, 0.7, 0.3) * error.square()).mean()
losses = {
    "huber": {"value": F.huber_loss(prediction[0], target, delta=0.8).item(), "slope": flat(
        torch.autograd.grad(F.huber_loss(prediction[0], target, delta=0.8), prediction)[0][0])},
    "squared": {"value": F.mse_loss(prediction[0], target).item(), "slope": flat(
        torch.autograd.grad(F.mse_loss(prediction[0], target), prediction)[0][0])},
    "expectile": {"value": expectile.item(), "slope": flat(torch.autograd.grad(expectile, prediction)[0][0])},
    "twins": {"value": sum(F.mse_loss(p, target) for p in prediction).item(), "slope": flat(
        torch.autograd.grad(sum(F.mse_loss(p, target) for p in prediction), prediction)[0])},
}
(src / "formulas/losses.golden.json").write_text(json.dumps(losses) + "\n")
