"""Tokens drawn one place at a time from a small causal transformer in eager PyTorch, keys and values kept.

python torch_sampling.py --rows 1 --threads 1 --vocabulary 64 --length 64 --size 128 --heads 4 --layers 4
"""

import torch
from serve import given, serve
from torch_networks import Gpt

flags = given()
torch.set_num_threads(flags.threads)
torch.set_num_interop_threads(1)
torch.manual_seed(0)
model = Gpt(flags).eval()
shape = (flags.rows, flags.heads, flags.length, flags.size // flags.heads)
cache = [(torch.zeros(shape), torch.zeros(shape)) for _ in range(flags.layers)]


@torch.no_grad()
def sample():
    token = torch.zeros(flags.rows, dtype=torch.long)
    out = [token]
    for place in range(flags.length - 1):
        scores = model.step(token, cache, place)
        token = torch.multinomial(scores.softmax(-1), 1).squeeze(1)
        out.append(token)
    return torch.stack(out, 1)


sample()
parameters = sum(p.numel() for p in model.parameters())
tokens = flags.rows * (flags.length - 1)
serve(f"PyTorch {torch.__version__.split('+')[0]}, eager", sample, parameters, each=tokens)
