"""Golden values of the networks of src/nn from PyTorch, in double precision: outputs, and slopes of Σ mean(output²).

python benchmarks/golden/networks.py
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
nn = Path(__file__).parents[2] / "src/nn"


def wave(*shape, at, scale=0.6):
    """What both sides start from: scale · sin(1.7 i + at), i the flat index."""
    size = torch.Size(shape).numel()
    return (scale * torch.sin(1.7 * torch.arange(size) + at)).reshape(shape).requires_grad_()


def numbers(x):
    return [float(f"{v:.8g}") for v in x.detach().flatten().tolist()]


def golden(shapes, f, **inputs):
    """shapes: of the parameters by path; f(parameters, **inputs) -> outputs by name."""
    leaves = {path: wave(*shapes[path], at=i) for i, path in enumerate(sorted(shapes))}
    outs = f(leaves, **inputs)
    loss = sum(out.square().mean() for out in outs.values())
    by = {**leaves, **inputs}
    slopes = torch.autograd.grad(loss, list(by.values()), allow_unused=True)
    zero = {name: torch.zeros_like(x) for name, x in by.items()}
    return {
        **{f"out/{name}": numbers(out) for name, out in outs.items()},
        **{f"slope/{name}": numbers(zero[name] if g is None else g) for name, g in zip(by, slopes, strict=True)},
    }


def write(name, cases):
    (nn / f"{name}.golden.json").write_text(json.dumps(cases) + "\n")


def under(prefix, shapes):
    return {f"{prefix}/{path}": shape for path, shape in shapes.items()}


def linear(inputs, outputs):
    return {"weight": [inputs, outputs], "bias": [outputs]}


def norm(size):
    return {"scale": [size], "bias": [size]}


def lin(p, path, x):
    return F.linear(x, p[f"{path}/weight"].T, p[f"{path}/bias"])


def ln(p, path, x):
    scale = p[f"{path}/scale"]
    return F.layer_norm(x, [len(scale)], scale, p[f"{path}/bias"])


def feed(p, path, x, activation):
    return lin(p, f"{path}/down", activation(lin(p, f"{path}/up", x)))


# ---------------------------------------------------------------------------------------------- residual, FiLM, embeddings
def residual_mlp(p, x):
    h = lin(p, "first", x)
    for i in range(2):
        h = h + feed(p, f"blocks/{i}/inner", ln(p, f"blocks/{i}/norm", h), F.relu)
    return {"y": lin(p, "last", ln(p, "norm", h))}


block = {**under("norm", norm(4)), **under("inner/up", linear(4, 8)), **under("inner/down", linear(8, 4))}
residual_shapes = {
    **under("first", linear(3, 4)),
    **under("blocks/0", block),
    **under("blocks/1", block),
    **under("norm", norm(4)),
    **under("last", linear(4, 2)),
}


def film(p, x, condition):
    gamma, beta = lin(p, "modulation", condition).chunk(2, -1)
    return {"y": x * (1 + gamma) + beta}


def fourier(p, x):
    angle = x @ p["frequencies"].detach()
    return {"y": torch.cat([angle.sin(), angle.cos()], -1)}


def sinusoidal(p, position):
    angle = position.unsqueeze(-1) * 10000 ** (-torch.arange(3) / 3)
    return {"y": torch.cat([angle.sin(), angle.cos()], -1)}


write(
    "blocks",
    {
        "residual mlp": golden(residual_shapes, residual_mlp, x=wave(5, 3, at=50, scale=1.5)),
        "film": golden(
            under("modulation", linear(3, 8)), film, x=wave(2, 5, 4, at=50), condition=wave(2, 1, 3, at=60)
        ),
        "embedding": golden({"table": [5, 3]}, lambda p: {"y": F.embedding(torch.tensor([[4, 0], [4, 2]]), p["table"])}),
        "learned positions": golden({"positions": [6, 3]}, lambda p, x: {"y": x + p["positions"][:4]}, x=wave(2, 4, 3, at=50)),
        "fourier features": golden({"frequencies": [2, 3]}, fourier, x=wave(4, 2, at=50)),
        "rms norm": golden(
            {"scale": [4]}, lambda p, x: {"y": F.rms_norm(x, [4], p["scale"], 1e-6)}, x=wave(3, 4, at=50, scale=1.5)
        ),
        "sinusoidal": golden({}, sinusoidal, position=wave(2, 3, at=50, scale=40)),
    },
)


# ---------------------------------------------------------------------------------------------- recurrent
def recurrent(module, p, xs, state):
    cell = module(xs.shape[-1], state[0].shape[-1], batch_first=True)
    named = {
        "weight_ih_l0": p["input/weight"].T,
        "weight_hh_l0": p["hidden/weight"].T,
        "bias_ih_l0": p["input/bias"],
        "bias_hh_l0": p["hidden/bias"],
    }
    given = tuple(s.unsqueeze(0) for s in state)
    return torch.func.functional_call(cell, named, (xs, given if len(given) > 1 else given[0]))


def gru(p, xs, h):
    ys, last = recurrent(torch.nn.GRU, p, xs, (h,))
    return {"ys": ys, "last": last[0]}


def lstm(p, xs, h, c):
    ys, (hidden, cell) = recurrent(torch.nn.LSTM, p, xs, (h, c))
    return {"ys": ys, "hidden": hidden[0], "cell": cell[0]}


def gates(n):
    return {**under("input", linear(2, 3 * n)), **under("hidden", linear(3, 3 * n))}


xs = {"xs": wave(2, 4, 2, at=50, scale=1.5)}
write(
    "recurrent",
    {
        "gru": golden(gates(3), gru, **xs, h=wave(2, 3, at=60)),
        "lstm": golden(gates(4), lstm, **xs, h=wave(2, 3, at=60), c=wave(2, 3, at=70)),
    },
)


# ---------------------------------------------------------------------------------------------- attention
def attention(size, memory):
    return {
        **under("query", linear(size, size)),
        **under("key", linear(memory, size)),
        **under("value", linear(memory, size)),
        **under("out", linear(size, size)),
    }


def attend(p, prefix, x, places, causal=False, mask=None, heads=2):
    weights = torch.cat([p[f"{prefix}{name}/weight"].T for name in ("query",)])
    kdim = places.shape[-1]
    size = x.shape[-1]
    biases = torch.cat([p[f"{prefix}{name}/bias"] for name in ("query", "key", "value")])
    if causal:
        mask = torch.triu(torch.full((x.shape[-2], places.shape[-2]), -torch.inf), 1)
    out, _ = F.multi_head_attention_forward(
        x.transpose(0, 1), places.transpose(0, 1), places.transpose(0, 1), size, heads, None, biases, None, None, False,
        0.0, p[f"{prefix}out/weight"].T, p[f"{prefix}out/bias"], need_weights=False, attn_mask=mask,
        use_separate_proj_weight=True, q_proj_weight=weights, k_proj_weight=p[f"{prefix}key/weight"].T,
        v_proj_weight=p[f"{prefix}value/weight"].T,
    )  # fmt: skip
    assert kdim == p[f"{prefix}key/weight"].shape[0]
    return out.transpose(0, 1)


def block_shapes(size, expansion):
    return {
        **under("attention/norm", norm(size)),
        **under("attention/inner", attention(size, size)),
        **under("feed/norm", norm(size)),
        **under("feed/inner/up", linear(size, expansion * size)),
        **under("feed/inner/down", linear(expansion * size, size)),
    }


def decoder_shapes(tied):
    return {
        "tokens/table": [7, 4],
        "positions/positions": [5, 4],
        **under("body/blocks/0", block_shapes(4, 2)),
        **under("body/blocks/1", block_shapes(4, 2)),
        **under("body/norm", norm(4)),
        **({} if tied else under("head", linear(4, 7))),
    }


tokens = torch.tensor([[0, 6, 2, 2], [5, 1, 0, 3]])


def decoder(tied):
    def run(p):
        h = p["tokens/table"][tokens] + p["positions/positions"][:4]
        for i in range(2):
            x = ln(p, f"body/blocks/{i}/attention/norm", h)
            h = h + attend(p, f"body/blocks/{i}/attention/inner/", x, x, causal=True)
            h = h + feed(p, f"body/blocks/{i}/feed/inner", ln(p, f"body/blocks/{i}/feed/norm", h), F.gelu)
        h = ln(p, "body/norm", h)
        return {"logits": h @ p["tokens/table"].T if tied else lin(p, "head", h)}

    return golden(decoder_shapes(tied), run)


x, memory = wave(2, 3, 4, at=50), wave(2, 5, 3, at=60)
write(
    "attention",
    {
        "causal": golden(attention(4, 4), lambda p, x: {"y": attend(p, "", x, x, causal=True)}, x=x),
        "cross": golden(
            attention(4, 3), lambda p, x, memory: {"y": attend(p, "", x, memory)}, x=x, memory=memory
        ),
    },
)
write("transformer", {"tied": decoder(True), "untied": decoder(False)})


# ---------------------------------------------------------------------------------------------- sets
def set_block(size, expansion):
    return {
        **under("attention", attention(size, size)),
        **under("norm", norm(size)),
        **under("feed/up", linear(size, expansion * size)),
        **under("feed/down", linear(expansion * size, size)),
        **under("last", norm(size)),
    }


def mab(p, path, x, y):
    x = x.expand(len(y), *x.shape[-2:])
    h = ln(p, f"{path}/norm", x + attend(p, f"{path}/attention/", x, y))
    return ln(p, f"{path}/last", h + feed(p, f"{path}/feed", h, F.relu))


def set_transformer(p, x):
    h = lin(p, "first", x)
    h = mab(p, "blocks/0/out", h, mab(p, "blocks/0/into", p["blocks/0/points"], h))
    pooled = mab(p, "pool/block", p["pool/seeds"], feed(p, "pool/feed", h, F.relu))
    return {"y": lin(p, "last", pooled[:, 0])}


set_shapes = {
    **under("first", linear(3, 4)),
    "blocks/0/points": [2, 4],
    **under("blocks/0/into", set_block(4, 2)),
    **under("blocks/0/out", set_block(4, 2)),
    "pool/seeds": [1, 4],
    **under("pool/feed/up", linear(4, 8)),
    **under("pool/feed/down", linear(8, 4)),
    **under("pool/block", set_block(4, 2)),
    **under("last", linear(4, 2)),
}
write("set-transformer", {"set transformer": golden(set_shapes, set_transformer, x=wave(2, 5, 3, at=50))})


# ---------------------------------------------------------------------------------------------- mixture of experts
def experts(top):
    def run(p, x):
        scores = lin(p, "gate", x)
        if top:
            kept = torch.zeros_like(scores).scatter(-1, scores.topk(top).indices, 1.0)
            gates = scores.masked_fill(kept == 0, -torch.inf).softmax(-1)
        else:
            kept = gates = scores.softmax(-1)
        h = F.relu(torch.einsum("bi,eih->ebh", x, p["experts/layers/0/weight"]) + p["experts/layers/0/bias"][:, None])
        y = torch.einsum("ebh,eho->ebo", h, p["experts/layers/1/weight"]) + p["experts/layers/1/bias"][:, None]
        share = kept.mean(0) / top if top else kept.mean(0)
        balance = 4 * (share * scores.softmax(-1).mean(0)).sum()
        return {"y": torch.einsum("be,ebo->bo", gates, y), "balance": balance}

    shapes = {
        **under("gate", linear(3, 4)),
        "experts/layers/0/weight": [4, 3, 5],
        "experts/layers/0/bias": [4, 5],
        "experts/layers/1/weight": [4, 5, 2],
        "experts/layers/1/bias": [4, 2],
    }
    return golden(shapes, run, x=wave(6, 3, at=50, scale=1.5))


write("experts", {"soft": experts(0), "top 2": experts(2)})


# ---------------------------------------------------------------------------------------------- Lipschitz
def almost_orthogonal(w):
    return w * (w.T @ w).abs().sum(-1).rsqrt()


def lipschitz_mlp(p, x):
    h = torch.tanh(x @ almost_orthogonal(p["layers/0/weight"]) + p["layers/0/bias"])
    return {"y": 3 * (h @ almost_orthogonal(p["layers/1/weight"]) + p["layers/1/bias"])}


def residual_lipschitz(p, x):
    w, q = p["weight"], p["scale"].exp()
    t = ((w.T @ w).abs() * q / q[:, None]).sum(-1)
    return {"y": x - 2 * (torch.relu(x @ w + p["bias"]) / t) @ w.T}


def orthogonal(p, x):
    skew = p["weight"] - p["weight"].T
    return {"y": x @ torch.linalg.solve(torch.eye(5) + skew, torch.eye(5) - skew)[:, :3] + p["bias"]}


def spectral(p, x):
    # The slope of the largest singular value, to which the bound converges.
    w = p["weight"]
    return {"y": x @ (w / torch.linalg.matrix_norm(w, 2)) + p["bias"]}


write(
    "lipschitz",
    {
        "mlp": golden(
            {**under("layers/0", linear(3, 5)), **under("layers/1", linear(5, 2))}, lipschitz_mlp, x=wave(4, 3, at=50)
        ),
        "residual": golden({"weight": [3, 5], "bias": [5], "scale": [5]}, residual_lipschitz, x=wave(4, 3, at=50)),
        "spectral": golden(linear(3, 5), spectral, x=wave(4, 3, at=50)),
        "orthogonal": golden({"weight": [5, 5], "bias": [3]}, orthogonal, x=wave(4, 5, at=50)),
        "norms": {
            f"{rows}x{columns}": torch.linalg.matrix_norm(wave(rows, columns, at=1), 2).item()
            for rows, columns in [(3, 5), (8, 8), (40, 12)]
        },
    },
)


# ---------------------------------------------------------------------------------------------- vector quantisation
def quantise(p, z):
    codes = p["codes"]
    index = torch.cdist(z, codes).argmin(-1)
    nearest = codes[index]
    return {
        "y": z + (nearest - z).detach(),
        "commitment": (z - nearest.detach()).square().mean(),
        "codebook": (z.detach() - nearest).square().mean(),
    }


def moving(z, codes, counts, sums, decay=0.9, epsilon=1e-5):
    chosen = F.one_hot(torch.cdist(z, codes).argmin(-1), len(codes)).double()
    counts = decay * counts + (1 - decay) * chosen.sum(0)
    sums = decay * sums + (1 - decay) * chosen.T @ z
    total = counts.sum()
    smooth = (counts + epsilon) / (total + len(codes) * epsilon) * total
    return {"codes": numbers(sums / smooth[:, None]), "counts": numbers(counts), "sums": numbers(sums)}


codes = wave(4, 3, at=0)
write(
    "quantiser",
    {
        "quantise": golden({"codes": [4, 3]}, quantise, z=wave(6, 3, at=50)),
        "moving": moving(wave(6, 3, at=50), codes, torch.ones(4), codes),
    },
)


# ---------------------------------------------------------------------------------------------- convolutions
def convolution(inputs, outputs, *taps):
    return {"weight": [outputs, inputs, *taps], "bias": [outputs]}


def conv1(p, path, x, **options):
    return F.conv1d(x, p[f"{path}/weight"], p[f"{path}/bias"], **options)


def conv2(p, path, x, **options):
    return F.conv2d(x, p[f"{path}/weight"], p[f"{path}/bias"], **options)


def group_norm(p, path, x, groups):
    return F.group_norm(x, groups, p[f"{path}/scale"], p[f"{path}/bias"])


def conv_encoder(p, image):
    h = F.relu(conv2(p, "layers/0", image, stride=2))
    h = F.relu(conv2(p, "layers/1", h))
    return {"y": F.relu(lin(p, "last", h.flatten(1)))}


def impala(p, image):
    h = image
    for i in range(2):
        h = F.max_pool2d(conv2(p, f"sections/{i}/first", h, padding=1), 3, 2, 1)
        for j in range(2):
            block = f"sections/{i}/blocks/{j}"
            h = h + conv2(p, f"{block}/b", F.relu(conv2(p, f"{block}/a", F.relu(h), padding=1)), padding=1)
    return {"y": F.relu(lin(p, "last", F.relu(h).flatten(1)))}


def impala_section(inputs, filters):
    shapes = under("first", convolution(inputs, filters, 3, 3))
    for j in range(2):
        for half in "ab":
            shapes |= under(f"blocks/{j}/{half}", convolution(filters, filters, 3, 3))
    return shapes


def unet_block_shapes(inputs, outputs, condition):
    return {
        **under("first", convolution(inputs, outputs, 3)),
        **under("firstNorm", norm(outputs)),
        **under("modulation", linear(condition, 2 * outputs)),
        **under("second", convolution(outputs, outputs, 3)),
        **under("secondNorm", norm(outputs)),
        **(under("skip", convolution(inputs, outputs, 1)) if inputs != outputs else {}),
    }


def unet_block(p, path, x, condition):
    h = F.mish(group_norm(p, f"{path}/firstNorm", conv1(p, f"{path}/first", x, padding=1), 2))
    gamma, beta = lin(p, f"{path}/modulation", F.mish(condition)).unsqueeze(-1).chunk(2, 1)
    h = h * (1 + gamma) + beta
    h = F.mish(group_norm(p, f"{path}/secondNorm", conv1(p, f"{path}/second", h, padding=1), 2))
    return h + (conv1(p, f"{path}/skip", x) if f"{path}/skip/weight" in p else x)


def unet(p, x, time, condition):
    angle = time.unsqueeze(-1) * 10000 ** (-torch.arange(2) / 2)
    embedded = torch.cat([angle.sin(), angle.cos()], -1)
    about = lin(p, "time/1", F.mish(lin(p, "time/0", embedded))) + lin(p, "condition", condition)
    h = x.transpose(1, 2)
    h = high = unet_block(p, "down/0/blocks/1", unet_block(p, "down/0/blocks/0", h, about), about)
    h = conv1(p, "down/0/resize", high, stride=2, padding=1)
    h = deep = unet_block(p, "down/1/blocks/1", unet_block(p, "down/1/blocks/0", h, about), about)
    h = unet_block(p, "middle/1", unet_block(p, "middle/0", h, about), about)
    h = torch.cat([h, deep], 1)
    h = unet_block(p, "up/0/blocks/1", unet_block(p, "up/0/blocks/0", h, about), about)
    h = F.conv_transpose1d(h, p["up/0/resize/weight"], p["up/0/resize/bias"], stride=2, padding=1)
    h = F.mish(group_norm(p, "last/norm", conv1(p, "last/first", h, padding=1), 2))
    return {"y": conv1(p, "last/out", h).transpose(1, 2)}


unet_shapes = {
    **under("time/0", linear(4, 16)),
    **under("time/1", linear(16, 4)),
    **under("condition", linear(2, 4)),
    **under("down/0/blocks/0", unet_block_shapes(2, 4, 4)),
    **under("down/0/blocks/1", unet_block_shapes(4, 4, 4)),
    **under("down/0/resize", convolution(4, 4, 3)),
    **under("down/1/blocks/0", unet_block_shapes(4, 6, 4)),
    **under("down/1/blocks/1", unet_block_shapes(6, 6, 4)),
    **under("middle/0", unet_block_shapes(6, 6, 4)),
    **under("middle/1", unet_block_shapes(6, 6, 4)),
    **under("up/0/blocks/0", unet_block_shapes(12, 4, 4)),
    **under("up/0/blocks/1", unet_block_shapes(4, 4, 4)),
    **under("up/0/resize", convolution(4, 4, 4)),
    **under("last/first", convolution(4, 4, 3)),
    **under("last/norm", norm(4)),
    **under("last/out", convolution(4, 2, 1)),
}
write(
    "convolutions",
    {
        "sequence": golden(
            convolution(3, 2, 3), lambda p, x: {"y": F.conv1d(x, p["weight"], p["bias"], padding=1)}, x=wave(2, 3, 5, at=50)
        ),
        "image": golden(
            convolution(3, 2, 3, 2),
            lambda p, x: {"y": F.conv2d(x, p["weight"], p["bias"], stride=2, padding=1)},
            x=wave(2, 3, 5, 4, at=50),
        ),
        "transposed": golden(
            {"weight": [3, 2, 4], "bias": [2]},
            lambda p, x: {"y": F.conv_transpose1d(x, p["weight"], p["bias"], stride=2, padding=1)},
            x=wave(2, 3, 5, at=50),
        ),
        "group norm": golden(
            norm(4), lambda p, x: {"y": F.group_norm(x, 2, p["scale"], p["bias"])}, x=wave(2, 4, 3, 2, at=50)
        ),
        "encoder": golden(
            {
                **under("layers/0", convolution(2, 3, 3, 3)),
                **under("layers/1", convolution(3, 2, 2, 2)),
                **under("last", linear(8, 3)),
            },
            conv_encoder,
            image=wave(2, 2, 7, 7, at=50),
        ),
        "impala": golden(
            {
                **under("sections/0", impala_section(2, 2)),
                **under("sections/1", impala_section(2, 3)),
                **under("last", linear(3 * 2 * 2, 3)),
            },
            impala,
            image=wave(2, 2, 7, 6, at=50),
        ),
        "unet": golden(
            unet_shapes, unet, x=wave(2, 4, 2, at=50), time=wave(2, at=60, scale=3), condition=wave(2, 2, at=70)
        ),
    },
)
