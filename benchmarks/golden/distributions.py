"""Golden values of src/nn/distributions from torch.distributions and scipy, in double precision.

python benchmarks/golden/distributions.py
"""

import json
from pathlib import Path

import numpy as np
import torch
from scipy import integrate, special, stats
from torch import distributions as D
from torch.distributions import kl_divergence as kl

torch.set_default_dtype(torch.float64)
src = Path(__file__).parents[2] / "src/nn/distributions"


def wave(*shape, at, scale=0.6):
    """What both sides start from: scale · sin(1.7 i + at), i the flat index."""
    size = torch.Size(shape).numel()
    return (scale * torch.sin(1.7 * torch.arange(size) + at)).reshape(shape)


def flat(x):
    return torch.as_tensor(x).flatten().tolist()


def vector(d):
    return D.Independent(d, 1)


mean, log_spread, mean2, log_spread2 = wave(3, 2, at=1), wave(3, 2, at=2), wave(3, 2, at=3), wave(3, 2, at=4)
inside = wave(3, 2, at=5, scale=0.95)
normals = [vector(D.Normal(m, s.exp())) for m, s in ((mean, log_spread), (mean2, log_spread2))]
gaussian = {"logProb": flat(normals[0].log_prob(inside)), "entropy": flat(normals[0].entropy()), "kl": flat(kl(*normals))}

squashed = [D.TransformedDistribution(n, [D.TanhTransform()]) for n in normals]
tanh = {"logProb": flat(squashed[0].log_prob(inside)), "kl": flat(kl(*normals)), "mode": flat(mean.tanh())}

scores, scores2 = wave(3, 5, at=6, scale=2), wave(3, 5, at=7, scale=2)
picks = torch.tensor([[0, 2], [1, 0], [1, 1]])
available = torch.tensor([[1, 0, 1, 1, 1], [0, 1, 1, 0, 1], [1, 1, 0, 1, 0]]).bool()
sizes = [2, 3]


def choices(s):
    return [D.Categorical(logits=part) for part in s.split(sizes, -1)]


def total(parts):
    return flat(sum(parts))


many, many2 = choices(scores), choices(scores2)
multi = {
    "logProb": total(c.log_prob(picks[:, i]) for i, c in enumerate(many)),
    "entropy": total(c.entropy() for c in many),
    "kl": total(kl(a, b) for a, b in zip(many, many2)),
    "mode": flat(torch.stack([c.mode for c in many], -1)),
    "probabilities": flat(torch.cat([c.probs for c in many], -1)),
}
masked = D.Categorical(logits=scores.masked_fill(~available, -torch.inf))
chances = masked.probs
mask = {
    "probabilities": flat(chances),
    "entropy": flat(torch.special.entr(chances).sum(-1)),
    "kl": flat((torch.xlogy(chances, chances) - chances * torch.log_softmax(scores2, -1)).sum(-1)),
    "mode": flat(masked.mode),
}

switches = [vector(D.Bernoulli(logits=s)) for s in (scores, scores2)]
on = (wave(3, 5, at=8) > 0).double()
bernoulli = {
    "logProb": flat(switches[0].log_prob(on)),
    "entropy": flat(switches[0].entropy()),
    "kl": flat(kl(*switches)),
    "mode": flat((scores > 0).double()),
    "mean": flat(torch.sigmoid(scores)),
}

shapes = [wave(3, 2, at=a, scale=1.5).exp() * 1.2 for a in (9, 10, 11, 12)]
plain = [vector(D.Beta(shapes[0], shapes[1])), vector(D.Beta(shapes[2], shapes[3]))]
stretched = D.TransformedDistribution(plain[0], [D.AffineTransform(-1.0, 2.0, event_dim=1)])
beta = {
    "logProb": flat(stretched.log_prob(inside)),
    "entropy": flat(plain[0].entropy() + 2 * np.log(2)),
    "kl": flat(kl(*plain)),
    "mean": flat(2 * plain[0].mean - 1),
    "alpha": flat(shapes[0]),
    "beta": flat(shapes[1]),
}

low, high = -0.8, 1.1


def cut(m, s):
    m, s = m.numpy(), s.exp().numpy()
    return stats.truncnorm((low - m) / s, (high - m) / s, loc=m, scale=s)


wide, wide2 = cut(3 * mean, log_spread), cut(mean2, log_spread2)
value = (inside * 0.8).numpy()


def truncated_kl(i, j):
    def part(d, f, x):
        return f(d.kwds["loc"][i, j], d.kwds["scale"][i, j], x)

    def log_pdf(m, s, x):
        return stats.truncnorm.logpdf(x, (low - m) / s, (high - m) / s, loc=m, scale=s)

    return integrate.quad(
        lambda x: np.exp(part(wide, log_pdf, x)) * (part(wide, log_pdf, x) - part(wide2, log_pdf, x)), low, high,
        epsabs=1e-13, epsrel=1e-13,
    )[0]


truncated = {
    "logProb": flat(wide.logpdf(value).sum(-1)),
    "entropy": flat(np.vectorize(lambda m, s: stats.truncnorm.entropy((low - m) / s, (high - m) / s, loc=m, scale=s))(
        3 * mean.numpy(), log_spread.exp().numpy()).sum(-1)),
    "kl": [sum(truncated_kl(i, j) for j in range(2)) for i in range(3)],
    "mean": flat(wide.mean()),
    "mode": flat((3 * mean).clip(low, high)),
}

x = np.array([1e-6, 0.01, 0.3, 1, 1.5, 2, 3.7, 7.9, 8, 8.1, 20, 300, 1e5])
z = np.array([-40, -12, -5, -2.6, -2.5, -2.4, -1, 0, 0.5, 3, 6])
functions = {
    "x": x.tolist(), "lgamma": special.gammaln(x).tolist(), "digamma": special.digamma(x).tolist(),
    "trigamma": special.polygamma(1, x).tolist(), "z": z.tolist(), "logNormalCdf": special.log_ndtr(z).tolist(),
}

weights, centres, log_spreads = wave(3, 4, at=6, scale=2), wave(3, 4, 2, at=7, scale=2), wave(3, 4, 2, at=8)
parts = D.MixtureSameFamily(D.Categorical(logits=weights), vector(D.Normal(centres, log_spreads.exp())))
mixture = {"logProb": flat(parts.log_prob(inside)), "mean": flat(parts.mean)}

(src / "distributions.golden.json").write_text(
    json.dumps({
        "gaussian": gaussian, "tanhGaussian": tanh, "multiDiscrete": multi, "masked": mask, "bernoulli": bernoulli,
        "beta": beta, "truncatedNormal": truncated, "mixture": mixture, "functions": functions,
    }) + "\n"
)
