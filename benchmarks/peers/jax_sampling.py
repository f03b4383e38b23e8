"""Tokens drawn one place at a time from a small causal transformer in JAX: a whole sequence is one compiled scan.

python jax_sampling.py --rows 1 --threads 1 --vocabulary 64 --length 64 --size 128 --heads 4 --layers 4
"""

import os

from serve import given, serve

flags = given()
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: flags.threads])
os.environ["JAX_PLATFORMS"] = "cpu"

import jax  # noqa: E402  what is set above must be set before
import jax.numpy as jnp  # noqa: E402
from jax_networks import after, attended, gpt, heads_of, norm  # noqa: E402

params = gpt(flags, jax.random.key(0))
shape = (flags.layers, 2, flags.rows, flags.heads, flags.length, flags.size // flags.heads)


@jax.jit
def sample(params, key):
    def body(carry, place):
        token, cache, key = carry
        key, draw = jax.random.split(key)
        x = (params["tokens"][token] + params["places"][place])[:, None]
        visible = jnp.arange(flags.length) <= place
        kept = []
        for block, (keys, values) in zip(params["blocks"], cache, strict=True):
            q, k, v = heads_of(flags, block, x)
            keys = jax.lax.dynamic_update_slice_in_dim(keys, k, place, 2)
            values = jax.lax.dynamic_update_slice_in_dim(values, v, place, 2)
            x = after(block, x, attended(q, keys, values, visible))
            kept.append((keys, values))
        scores = norm(params["norm"], x[:, 0]) @ params["tokens"].T
        token = jax.random.categorical(draw, scores)
        return (token, kept, key), token

    empty = jnp.zeros(shape)
    start = (jnp.zeros(flags.rows, jnp.int32), [(layer[0], layer[1]) for layer in empty], key)
    return jax.lax.scan(body, start, jnp.arange(flags.length - 1))[1]


count = 0


def update():
    global count
    count += 1
    return sample(params, jax.random.key(count))


update().block_until_ready()
parameters = sum(leaf.size for leaf in jax.tree.leaves(params))
tokens = flags.rows * (flags.length - 1)
name = f"JAX {jax.__version__}, jit of a whole sequence scanned"
serve(name, update, parameters, each=tokens, wait=lambda out: out.block_until_ready())
