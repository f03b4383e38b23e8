"""Golden values of src/tensor/optimisers: 20 steps of each in PyTorch, in double precision; what PyTorch lacks, or has in
bfloat16 alone (Muon), is written out here from its paper.

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


def run(make, clip=None, before=None, every=1, average=None):
    weight, bias = wave(4, 3, at=3).requires_grad_(), wave(3, at=4).requires_grad_()
    optimiser, scheduler = make(weight, bias)
    losses, norms, mean = [], [], None if average is None else [weight.detach().clone(), bias.detach().clone()]
    for step in range(steps):
        if step % every == 0:
            optimiser.zero_grad()
        loss = 10 * ((torch.tanh(x @ weight + bias) - y) ** 2).mean()
        (loss / every).backward()
        if before:
            before(weight, bias)
        if clip is not None:
            norms.append(float(torch.nn.utils.clip_grad_norm_([weight, bias], clip)))
        if (step + 1) % every == 0:
            optimiser.step()
        if scheduler:
            scheduler.step()
        if mean:
            keep = min(average, (step + 1) / (step + 10))
            mean = [keep * m + (1 - keep) * p.detach() for m, p in zip(mean, (weight, bias))]
        losses.append(loss.item())
    if clip is not None:
        assert min(norms) < clip < max(norms), norms  # both sides of the bound are met
    weight, bias = mean or (weight.detach(), bias.detach())
    return {"losses": losses, "weight": weight.flatten().tolist(), "bias": bias.tolist()}


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


def both(first, second):
    """The weight moved by one, the bias by another."""

    def make(w, b):
        one, two = first([w]), second([b])

        class Both:
            def zero_grad(self):
                one.zero_grad(), two.zero_grad()

            def step(self):
                one.step(), two.step()

        return Both(), None

    return make


class Lamb(torch.optim.Optimizer):
    """You et al. (2020), algorithm 2, with the identity for phi."""

    def __init__(self, params, lr, decays, betas=(0.9, 0.999), eps=1e-6):
        super().__init__(params, {"lr": lr})
        self.decays, self.betas, self.eps, self.t = decays, betas, eps, 0
        self.moments = None

    @torch.no_grad()
    def step(self):
        params = self.param_groups[0]["params"]
        self.moments = self.moments or [(torch.zeros_like(p), torch.zeros_like(p)) for p in params]
        self.t += 1
        (b1, b2), lr = self.betas, self.param_groups[0]["lr"]
        for p, (m, v), decay in zip(params, self.moments, self.decays):
            m.mul_(b1).add_((1 - b1) * p.grad)
            v.mul_(b2).add_((1 - b2) * p.grad**2)
            ratio = (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)).sqrt() + self.eps) + decay * p
            p.sub_(lr * p.norm() / ratio.norm() * ratio)


class Muon(torch.optim.Optimizer):
    """torch.optim.Muon in the parameters' own precision; weights [inputs, outputs] are the transpose of its own."""

    def __init__(self, params, lr, momentum=0.95, decay=0.1, nesterov=True):
        super().__init__(params, {"lr": lr})
        self.momentum, self.decay, self.nesterov, self.buffer = momentum, decay, nesterov, None

    @torch.no_grad()
    def step(self):
        (p,), lr = self.param_groups[0]["params"], self.param_groups[0]["lr"]
        g = p.grad.T
        self.buffer = torch.zeros_like(g) if self.buffer is None else self.buffer
        self.buffer.lerp_(g, 1 - self.momentum)
        x = g.lerp(self.buffer, self.momentum) if self.nesterov else self.buffer
        tall = x.shape[0] > x.shape[1]
        x = x.T if tall else x
        x = x / x.norm()
        for _ in range(5):
            gram = x @ x.T
            x = 3.4445 * x + (-4.775 * gram + 2.0315 * gram @ gram) @ x
        x = x.T if tall else x
        p.mul_(1 - lr * self.decay)
        p.sub_(lr * max(1, g.shape[0] / g.shape[1]) ** 0.5 * x.T)


def clip_values(w, b):
    assert min(w.grad.abs().max(), b.grad.abs().max()) > 0.05
    torch.nn.utils.clip_grad_value_([w, b], 0.05)


def clip_leaves(w, b):
    torch.nn.utils.clip_grad_norm_([w], 0.3)
    torch.nn.utils.clip_grad_norm_([b], 0.3)


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
golden |= {
    "amsgrad": run(plain(torch.optim.Adam, lr=0.3, betas=(0.9, 0.9), amsgrad=True)),
    "nadam": run(plain(torch.optim.NAdam, lr=0.05)),
    "adamax": run(plain(torch.optim.Adamax, lr=0.05)),
    "adagrad": run(plain(torch.optim.Adagrad, lr=0.1)),
    "adamw, masked": run(plain(torch.optim.AdamW, lr=0.05, weight_decay=0.1)),
    "by value": run(plain(torch.optim.SGD, lr=0.1), before=clip_values),
    "by leaf": run(plain(torch.optim.SGD, lr=0.1), before=clip_leaves),
    "partition": run(both(lambda w: torch.optim.Adam(w, lr=0.05), lambda b: torch.optim.SGD(b, lr=0.1, momentum=0.8))),
    "lamb": run(lambda w, b: (Lamb([w, b], lr=0.05, decays=(0.1, 0)), None)),
    "muon": run(both(lambda w: Muon(w, lr=0.05), lambda b: torch.optim.AdamW(b, lr=0.02, weight_decay=0))),
    "muon, plain": run(
        both(
            lambda w: Muon(w, lr=0.05, momentum=0.8, nesterov=False, decay=0.2),
            lambda b: torch.optim.AdamW(b, lr=3e-4, weight_decay=0),
        )
    ),
    "accumulating": run(plain(torch.optim.Adam, lr=0.05), every=3),
    "averaging": run(plain(torch.optim.Adam, lr=0.05), average=0.6),
}
# PyTorch's cosine climbs again after T_max; ours is flat, so the golden one stops there.
steps = 15
golden["cosine"] = run(cosine)


def rates(schedule, count=24, lr=0.1):
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr)
    scheduler, seen = schedule(optimiser), []
    for _ in range(count):
        seen.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        scheduler.step()
    return seen


lr_scheduler = torch.optim.lr_scheduler
schedules = {
    "constant": rates(lambda o: lr_scheduler.ConstantLR(o, factor=1)),
    "linear": rates(lambda o: lr_scheduler.LinearLR(o, start_factor=1, end_factor=0.2, total_iters=10)),
    "exponential": rates(lambda o: lr_scheduler.ExponentialLR(o, 0.9)),
    "piecewise": rates(lambda o: lr_scheduler.MultiStepLR(o, [3, 10], gamma=0.1)),
    "restarts": rates(lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 5, eta_min=0.01)),
    "growing restarts": rates(lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 3, T_mult=2)),
    "warm, then cosine": rates(
        lambda o: lr_scheduler.SequentialLR(
            o,
            [
                lr_scheduler.LambdaLR(o, lambda step: (step + 1) / 4),
                lr_scheduler.CosineAnnealingLR(o, T_max=20),
            ],
            [4],
        )
    ),
    "sequence": rates(
        lambda o: lr_scheduler.SequentialLR(
            o,
            [
                lr_scheduler.ConstantLR(o, factor=1),
                lr_scheduler.ExponentialLR(o, 0.8),
                lr_scheduler.ConstantLR(o, factor=0.5, total_iters=99),
            ],
            [4, 12],
        )
    ),
}


def overshooting_bounded(trace, rate, caution, discount=0.9):
    """Elsayed, Vasan, Mahmood (2024), algorithm 3, on a linear value of waves with an episode's end at every seventh."""
    weight, bias = wave(4, at=3).requires_grad_(), torch.tensor(0.3, requires_grad=True)
    eligible = [torch.zeros(4), torch.tensor(0.0)]
    rows, errors = wave(steps + 1, 4, at=1), []
    for t in range(steps):
        ended = t % 7 == 6
        v = torch.tanh(rows[t] @ weight + bias)
        with torch.no_grad():
            after = torch.tanh(rows[t + 1] @ weight + bias)
            error = 3 * torch.sin(torch.tensor(float(t))) + (0 if ended else discount) * after - v
        slopes = torch.autograd.grad(v, [weight, bias])
        eligible = [discount * trace * e + g for e, g in zip(eligible, slopes)]
        length = sum(e.abs().sum() for e in eligible)
        bar = max(abs(error.item()), 1)
        over = rate * caution * bar * length
        step = min(rate / over, rate)
        with torch.no_grad():
            for p, e in zip((weight, bias), eligible):
                p.add_(step * error * e)
        if ended:
            eligible = [torch.zeros(4), torch.tensor(0.0)]
        errors.append(error.item())
    return {"errors": errors, "weight": weight.tolist(), "bias": bias.item()}


steps = 20
streaming = {
    "the paper's own": overshooting_bounded(0.8, 1.0, 2.0),
    "where nothing overshoots": overshooting_bounded(0.5, 0.01, 2.0),
}
folder = Path(__file__).parents[2] / "src/tensor/optimisers"
for name, values in {"optimisers": golden, "schedules": schedules, "streaming": streaming}.items():
    (folder / f"{name}.golden.json").write_text(json.dumps(values) + "\n")
