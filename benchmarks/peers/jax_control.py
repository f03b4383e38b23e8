"""IQL, TD3+BC and soft actor-critic in JAX: a state, the data, a pure update, what is trained, and the length of the cycle."""

import jax
import jax.numpy as jnp
from jax_learner import blend, descend, learner, mlp, through


def transitions(given, key):
    keys, rows = jax.random.split(key, 3), given.rows
    observation = jax.random.normal(keys[0], (rows, given.observations))
    return {
        "s": observation,
        "a": jax.random.uniform(keys[1], (rows, given.actions), minval=-1),
        "r": observation[:, 0],
        "s_next": jax.random.normal(keys[2], (rows, given.observations)),
        "goes_on": jnp.zeros(rows),  # as ours: each ends its episode, so that critics have one answer
    }


def drawn(given, data, key):
    at = jax.random.randint(key, (given.batch,), 0, given.rows)
    return [data[name][at] for name in ("s", "a", "r", "s_next", "goes_on")]


def twins(given, key):
    sizes = [given.observations + given.actions, given.width, given.width, 1]
    return [mlp(k, *sizes) for k in jax.random.split(key)]


def q_of(net, s, a):
    return through(net, jnp.concatenate([s, a], -1)).squeeze(-1)


def least(nets, s, a):
    return jnp.minimum(*(q_of(net, s, a) for net in nets))


def toward(nets, s, a, backup):
    return sum(jnp.square(q_of(net, s, a) - backup).mean() for net in nets)


def log_normal(x, mean, log_spread):
    return (-0.5 * jnp.square((x - mean) / jnp.exp(log_spread)) - log_spread - 0.9189385332046727).sum(-1)


def iql(given, key, rate=3e-4, discount=0.99, expectile=0.7, beta=3.0, max_weight=100.0, steps=1_000_000):
    keys = jax.random.split(key, 4)
    hidden = [given.observations, given.width, given.width]
    critic = twins(given, keys[0])
    state = {
        "policy": learner({"body": mlp(keys[1], *hidden, given.actions), "log_spread": jnp.zeros(given.actions)}),
        "critic": learner(critic),
        "value": learner(mlp(keys[2], *hidden, 1)),
        "target": critic,
    }

    def value_of(net, s):
        return through(net, s).squeeze(-1)

    def step(state, data, key, _turn):
        s, a, r, s_next, goes_on = drawn(given, data, key)
        q = least(state["target"], s, a)

        def to_expectile(params):
            short = q - value_of(params, s)
            return (jnp.where(short > 0, expectile, 1 - expectile) * jnp.square(short)).mean()

        value, _ = descend(state["value"], to_expectile, rate)
        weight = jnp.minimum(jnp.exp(beta * (q - value_of(value["params"], s))), max_weight)

        def cloning(params):
            mean = jnp.tanh(through(params["body"], s))
            return -(weight * log_normal(a, mean, jnp.clip(params["log_spread"], -5, 2))).mean()

        decayed = rate * 0.5 * (1 + jnp.cos(jnp.pi * state["policy"]["step"] / steps))
        policy, _ = descend(state["policy"], cloning, decayed)
        backup = r + discount * goes_on * value_of(value["params"], s_next)
        critic, loss = descend(state["critic"], lambda params: toward(params, s, a, backup), rate)
        target = blend(state["target"], critic["params"])
        return {"policy": policy, "critic": critic, "value": value, "target": target}, loss

    return state, transitions(given, keys[3]), step, ["policy", "critic", "value"], 1


def td3_bc(given, key, rate=3e-4, discount=0.99, greed=2.5, smoothing=0.2, bound=0.5, delay=2):
    keys = jax.random.split(key, 3)
    policy = mlp(keys[0], given.observations, given.width, given.width, given.actions)
    critic = twins(given, keys[1])
    targets = {"policy": policy, "critic": critic}
    state = {"policy": learner(policy), "critic": learner(critic), "targets": targets}

    def act(net, s):
        return jnp.tanh(through(net, s))

    def step(state, data, key, turn):
        rows, noise = jax.random.split(key)
        s, a, r, s_next, goes_on = drawn(given, data, rows)
        targets = state["targets"]
        smooth = jnp.clip(smoothing * jax.random.normal(noise, a.shape), -bound, bound)
        a_next = jnp.clip(act(targets["policy"], s_next) + smooth, -1, 1)
        backup = r + discount * goes_on * least(targets["critic"], s_next, a_next)
        critic, loss = descend(state["critic"], lambda params: toward(params, s, a, backup), rate)
        if (turn + 1) % delay != 0:
            return {**state, "critic": critic}, loss

        def climbing(params):
            pi = act(params, s)
            q = q_of(critic["params"][0], s, pi)
            return jnp.square(pi - a).mean() - greed / jax.lax.stop_gradient(jnp.abs(q).mean()) * q.mean()

        policy, _ = descend(state["policy"], climbing, rate)
        blended = {
            "policy": blend(targets["policy"], policy["params"]),
            "critic": blend(targets["critic"], critic["params"]),
        }
        return {"policy": policy, "critic": critic, "targets": blended}, loss

    return state, transitions(given, keys[2]), step, ["policy", "critic"], delay


def sac(given, key, rate=3e-4, discount=0.99):
    keys = jax.random.split(key, 3)
    critic = twins(given, keys[1])
    state = {
        "policy": learner(mlp(keys[0], given.observations, given.width, given.width, 2 * given.actions)),
        "critic": learner(critic),
        "temperature": learner(jnp.zeros(())),
        "target": critic,
    }

    def act(net, s, key):
        mean, log_spread = jnp.split(through(net, s), 2, -1)
        log_spread = jnp.clip(log_spread, -5, 2)
        u = mean + jnp.exp(log_spread) * jax.random.normal(key, mean.shape)
        slope = 2 * (0.6931471805599453 - u - jax.nn.softplus(-2 * u))
        return jnp.tanh(u), log_normal(u, mean, log_spread) - slope.sum(-1)

    def step(state, data, key, _turn):
        rows, later, now = jax.random.split(key, 3)
        s, a, r, s_next, goes_on = drawn(given, data, rows)
        temperature = jnp.exp(state["temperature"]["params"])
        a_next, log_prob = act(state["policy"]["params"], s_next, later)
        backup = r + discount * goes_on * (least(state["target"], s_next, a_next) - temperature * log_prob)
        critic, loss = descend(state["critic"], lambda params: toward(params, s, a, backup), rate)

        def climbing(params):
            pi, log_prob = act(params, s, now)
            return (temperature * log_prob - least(critic["params"], s, pi)).mean()

        policy, _ = descend(state["policy"], climbing, rate)
        surprise = (act(state["policy"]["params"], s, now)[1] - given.actions).mean()
        warmth, _ = descend(state["temperature"], lambda log: -log * surprise, rate)
        target = blend(state["target"], critic["params"])
        return {"policy": policy, "critic": critic, "temperature": warmth, "target": target}, loss

    return state, transitions(given, keys[2]), step, ["policy", "critic", "temperature"], 1
