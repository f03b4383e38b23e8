"""Golden trajectories of Gymnasium's classic control: python3 benchmarks/golden/control.py (Gymnasium 1.4.0).

Each case sets the internal state, then plays 200 random actions; start states and actions are stored with the results,
so no seeding is shared. A case stops early where the episode terminates.
"""

import json
import pathlib

import gymnasium
import numpy as np

STARTS = {
    "CartPole-v1": [
        *[[0.01, -0.02, 0.03, 0.04], [1.9, 1.2, -0.05, -0.3], [-2.2, -0.4, 0.1, 0.5], [0, 0, 0, 0]],
        # One step inside and one outside each limit.
        *[[0, 0, 0.20943, 0], [0, 0, -0.20945, 0], [2.39999, 0, 0, 0], [-2.40001, 0, 0, 0]],
    ],
    "Pendulum-v1": [[3.1, 0.5], [0.0, 0.0], [-1.2, -1.0], [2.5, 7.9]],
    "MountainCar-v0": [[-0.5, 0.0], [-1.15, -0.06], [0.3, 0.06], [-0.9, 0.05]],
    "MountainCarContinuous-v0": [[-0.5, 0.0], [-1.15, -0.06], [0.25, 0.06], [-0.9, 0.05]],
    "Acrobot-v1": [[0.05, -0.03, 0.01, 0.02], [2.0, -1.0, 3.0, -4.0], [-3.0, 3.0, -12.0, 28.0], [1.0, 0.5, 0.0, 0.0]],
}

random = np.random.default_rng(7)
out = {"gymnasium": gymnasium.__version__, "tasks": {}, "cases": []}


def described(space):
    if isinstance(space, gymnasium.spaces.Discrete):
        return {"n": int(space.n)}
    # JSON has no infinity: null stands for no bound, as in src/spaces/schema.ts.
    plain = lambda bounds: [float(v) if np.isfinite(v) else None for v in bounds.ravel()]
    return {"shape": list(space.shape), "low": plain(space.low), "high": plain(space.high)}


for name in STARTS:
    env = gymnasium.make(name)
    out["tasks"][name] = {
        "maxSteps": env.spec.max_episode_steps,
        "observation": described(env.observation_space),
        "action": described(env.action_space),
    }

for name, starts in STARTS.items():
    for start in starts:
        env = gymnasium.make(name).unwrapped
        env.reset(seed=0)
        state = np.array(start, dtype=np.float64)
        env.state = state
        observations, rewards, terminated, actions = [], [], [], []
        discrete = isinstance(env.action_space, gymnasium.spaces.Discrete)
        for _ in range(200):
            if discrete:
                # Held actions reach further than a coin a step: speeds, walls and wraps are all met.
                action = int(random.integers(env.action_space.n)) if not actions or random.random() < 0.4 else actions[-1]
                if name == "CartPole-v1":  # mostly towards the lean, so that an episode lasts
                    action = int(env.state[2] + env.state[3] > 0) if random.random() < 0.8 else int(random.integers(2))
                given = action
            else:
                low, high = env.action_space.low[0], env.action_space.high[0]
                given = np.float32(random.uniform(low, high)).reshape(1)
                action = float(given[0])
            observation, reward, end, _, _ = env.step(given)
            actions.append(action)
            observations.append([float(f"{v:.9g}") for v in observation])
            rewards.append(float(f"{float(reward):.12g}"))
            terminated.append(bool(end))
            if end:
                break
        out["cases"].append(
            {"env": name, "start": start, "actions": actions, "observations": observations, "rewards": rewards, "terminated": terminated[-1]}
        )

path = pathlib.Path(__file__).parents[2] / "src/envs/control/control.golden.json"
path.write_text(json.dumps(out, separators=(",", ":")))
print(path, path.stat().st_size, [(c["env"], len(c["actions"]), c["terminated"]) for c in out["cases"]])
