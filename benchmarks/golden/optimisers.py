"""Golden values of src/tensor/optimisers.ts: 20 steps of each in PyTorch, in double precision.

python benchmarks/golden/optimisers.py
"""

import json
from pathlib import Path

import torch

torch.set_default_dtype(torch.float64)
steps = 20


def wave(*shape, at):
    """What both sides start from: 0.6 sin(1.7 i + at), i the flat index."""
    size = torch.Size(shape).numel()
    return (0.6 * torch.sin(1.7 * torch.arange(size) + at)).reshape(shape)


x, y = wave(6, 4, at=1), wave(6, 3, at=2)


def run(make, clip=None):
    weight, bias = wave(4, 3, at=3).requires_grad_(), wave(3, at=4).requires_grad_()
    optimiser, scheduler = make(weight, bias)
    losses, norms = [], []
    for _ in range(steps):
        optimiser.zero_grad()
        loss = 10 * ((torch.tanh(x @ weight + bias) - y) ** 2).mean()
        loss.backward()
        if clip is not None:
            norms.append(float(torch.nn.utils.clip_grad_norm_([weight, bias], clip)))
        optimiser.step()
        if scheduler:
            scheduler.step()
        losses.append(loss.item())
    if clip is not None:
        assert min(norms) < clip < max(norms), norms  # both sides of the bound are met
    return {"losses": losses, "weight": weight.detach().flatten().tolist(), "bias": bias.detach().tolist()}


def plain(kind, **options):
    return lambda w, b: (kind([w, b], **options), None)


def adamw(w, b):
    groups = [{"params": [w], "weight_decay": 0.1}, {"params": [b], "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=0.05), None


def cosine(w, b):
    optimiser = torch.optim.Adam([w, b], lr=0.05)
    return optimiser, torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, T_max=15, eta_min=0.005)


def warm(w, b):
    optimiser = torch.optim.SGD([w, b], lr=0.1)
    return optimiser, torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: min(1, (step + 1) / 8))


golden = {
    "adam": run(plain(torch.optim.Adam, lr=0.05)),
    "adam, other moments": run(plain(torch.optim.Adam, lr=0.05, betas=(0.5, 0.9), eps=1e-3)),
    "adamw": run(adamw),
    "sgd": run(plain(torch.optim.SGD, lr=0.1)),
    "momentum": run(plain(torch.optim.SGD, lr=0.05, momentum=0.8)),
    "nesterov": run(plain(torch.optim.SGD, lr=0.05, momentum=0.8, nesterov=True)),
    "rmsprop": run(plain(torch.optim.RMSprop, lr=0.02, alpha=0.9)),
    "clipped": run(plain(torch.optim.SGD, lr=0.1), clip=1.0),
    "warm": run(warm),
}
# PyTorch's cosine climbs again after T_max; ours is flat, so the golden one stops there.
steps = 15
golden["cosine"] = run(cosine)
out = Path(__file__).parents[2] / "src/tensor/optimisers.golden.json"
out.write_text(json.dumps(golden) + "\n")
