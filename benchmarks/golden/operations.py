"""Golden values of src/tensor's coarse operations from PyTorch, in double precision.

python benchmarks/golden/operations.py
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)


def wave(*shape, at, scale=0.6):
    """What both sides start from: scale · sin(1.7 i + at), i the flat index."""
    size = torch.Size(shape).numel()
    return (scale * torch.sin(1.7 * torch.arange(size) + at)).reshape(shape).requires_grad_()


def definite(x):
    return x @ x.mT + torch.eye(x.shape[-1])


cases = {
    "conv1d": ([(2, 4, 7), (6, 2, 3)], lambda x, w: F.conv1d(x, w, stride=2, padding=2, dilation=2, groups=2)),
    "conv2d": ([(2, 3, 6, 5), (4, 3, 3, 2)], lambda x, w: F.conv2d(x, w, stride=(2, 1), padding=(1, 0), dilation=(1, 2))),
    "conv same": ([(1, 2, 6), (3, 2, 4)], lambda x, w: F.conv1d(x, w, padding="same")),
    "convTranspose1d": (
        [(2, 4, 5), (4, 3, 3)],
        lambda x, w: F.conv_transpose1d(x, w, stride=3, padding=1, output_padding=2, groups=2),
    ),
    "convTranspose2d": (
        [(1, 2, 3, 4), (2, 3, 3, 2)],
        lambda x, w: F.conv_transpose2d(x, w, stride=(2, 3), padding=(1, 0), dilation=(2, 1)),
    ),
    "maxPool1d": ([(2, 3, 8)], lambda x: F.max_pool1d(x, 3, stride=2, padding=1)),
    "maxPool2d": ([(1, 2, 6, 7)], lambda x: F.max_pool2d(x, (2, 3), stride=(2, 1), dilation=(1, 2))),
    "averagePool1d": ([(2, 3, 8)], lambda x: F.avg_pool1d(x, 3, stride=2, padding=1)),
    "averagePool2d": ([(1, 2, 6, 7)], lambda x: F.avg_pool2d(x, (2, 3))),
    "layerNorm": ([(2, 3, 5), (5,), (5,)], lambda x, s, b: F.layer_norm(x, (5,), s, b, 2**-10)),
    "rmsNorm": ([(2, 3, 5), (5,)], lambda x, s: F.rms_norm(x, (5,), s, 2**-10)),
    "elu": ([(9,)], lambda x: F.elu(x * 3, 1.5)),
    "prod": ([(3, 5)], lambda x: (x + 1).prod(1)),
    "cumprod": ([(2, 7)], lambda x: (x + 1).cumprod(1)),
    "cumsum from the end": ([(2, 5)], lambda x: x.flip(1).cumsum(1).flip(1)),
    "variance": ([(3, 5)], lambda x: x.var(1, correction=0)),
    "logsumexp": ([(3, 5)], lambda x: torch.logsumexp(x * 9, 1)),
    "sort": ([(3, 5)], lambda x: x.sort(1, descending=True).values),
    "topK": ([(2, 6)], lambda x: x.topk(3, largest=False).values),
    "silu": ([(7,)], lambda x: F.silu(x * 4)),
    "gelu": ([(7,)], lambda x: F.gelu(x * 4)),
    "log1p and expm1": ([(7,)], lambda x: torch.log1p(x) + torch.expm1(x * 2)),
    "triangles": ([(2, 4, 5)], lambda x: x.tril(1) + 2 * x.triu(-1)),
    "einsum attention": ([(2, 3, 2, 4), (2, 5, 2, 4)], lambda q, k: torch.einsum("bqhd,bkhd->bhqk", q, k)),
    "einsum bilinear": ([(3, 4), (4, 2, 5), (3, 5)], lambda x, w, y: torch.einsum("bi,iko,bo->bk", x, w, y)),
    "einsum diagonal": ([(3, 3, 2), (2,)], lambda x, y: torch.einsum("iij,j->i", x, y)),
    "solve": ([(2, 3, 3), (2, 3, 2)], lambda a, b: torch.linalg.solve(a + 2 * torch.eye(3), b)),
    "triangularSolve": (
        [(3, 3), (3, 2)],
        lambda a, b: torch.linalg.solve_triangular((a + 2 * torch.eye(3)).triu(), b, upper=True),
    ),
    "cholesky": ([(2, 3, 3)], lambda x: torch.linalg.cholesky(definite(x))),
    "inverse": ([(2, 3, 3)], lambda x: torch.linalg.inv(x + 2 * torch.eye(3))),
    "determinant": ([(2, 4, 4)], lambda x: torch.linalg.det(x + torch.eye(4))),
    "logdet": ([(2, 3, 3)], lambda x: torch.linalg.slogdet(x + 2 * torch.eye(3))[1]),
    "eigenvalues": ([(3, 4, 4)], lambda x: torch.linalg.eigvalsh(definite(x) + torch.diag(torch.arange(4.0)))),
}

golden = {}
for name, (shapes, f) in cases.items():
    inputs = [wave(*shape, at=i + 1) for i, shape in enumerate(shapes)]
    out = f(*inputs)
    weights = wave(*out.shape, at=9).detach()
    slopes = torch.autograd.grad((out * weights).sum(), inputs)
    golden[name] = {
        "shapes": [list(shape) for shape in shapes],
        "shape": list(out.shape),
        "out": out.detach().flatten().tolist(),
        "slopes": [s.flatten().tolist() for s in slopes],
    }

path = Path(__file__).parents[2] / "src/tensor/operations.golden.json"
path.write_text(json.dumps(golden, separators=(",", ":")).replace('},"', '},\n"') + "\n")
