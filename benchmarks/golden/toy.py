"""Golden tables and episodes of the toy worlds: python benchmarks/golden/toy.py (Gymnasium 1.4.0, bsuite 0.3.6).

Gymnasium's P tables as numbers per state and action; bsuite's DeepSea and Catch as episodes played from random actions.
"""

import json
import pathlib
import warnings

import gymnasium
import numpy as np
from bsuite.environments.catch import Catch
from bsuite.environments.deep_sea import DeepSea

warnings.simplefilter("ignore")
random = np.random.default_rng(3)
number = lambda v: float(f"{float(v):.12g}")
plain = lambda v: int(v) if float(v).is_integer() else number(v)


def table(name, ours, options, **kwargs):
    env = gymnasium.make(name, **kwargs)
    world = env.unwrapped
    states, actions = int(world.observation_space.n), int(world.action_space.n)
    keep = range(states) if states < 50 else sorted({*random.choice(states, 30, replace=False).tolist(), 0, 16, states - 1, *([85, 97, 418, 475, 479] if states == 500 else [])})
    rows = [
        [[plain(p), int(s), plain(r), int(t)] for p, s, r, t in world.P[state][action]] for state in keep for action in range(actions)
    ]
    entry = {
        **{"name": name, "ours": ours, "options": options, "states": states, "actions": actions, "maxSteps": env.spec.max_episode_steps},
        **{"kept": [int(s) for s in keep], "rows": rows},
        # Starts by their weights; a digest of the whole table stands for the states that are not kept.
        "start": [[int(i), number(p)] for i, p in enumerate(world.initial_state_distrib) if p > 0] if states < 100 else int((np.array(world.initial_state_distrib) > 0).sum()),
        "digest": number(sum(p * (s + 1) * (state + 1) * (a + 2) * (r + 50) * (2 - t) for state in range(states) for a in range(actions) for p, s, r, t in world.P[state][a])),
    }
    if name.startswith("Taxi"):
        entry["masks"] = ["".join(str(int(b)) for b in world.action_mask(s)) for s in keep]
    return entry


tables = [
    table("FrozenLake-v1", "FrozenLake-v1", {}),
    table("FrozenLake-v1", "FrozenLake-v1", {"slippery": False}, is_slippery=False),
    table("FrozenLake-v1", "FrozenLake-v1", {"successRate": 0.75, "map": ["SFH", "FFF", "HFG", "FFF"]}, success_rate=0.75, desc=["SFH", "FFF", "HFG", "FFF"]),
    table("FrozenLake8x8-v1", "FrozenLake8x8-v1", {}),
    table("CliffWalking-v1", "CliffWalking-v1", {}),
    table("CliffWalkingSlippery-v1", "CliffWalkingSlippery-v1", {}),
    table("Taxi-v4", "Taxi-v4", {}),
    table("Taxi-v4", "Taxi-v4", {"rainy": True}, is_rainy=True),
    table("Taxi-v4", "Taxi-v4", {"rainy": True, "rainyProbability": 0.5}, is_rainy=True, rainy_probability=0.5),
]


def episode(env, ours, options, actions):
    step = env.reset()
    seen, rewards = [np.flatnonzero(step.observation).tolist()], []
    for action in actions:
        step = env.step(int(action))
        seen.append(np.flatnonzero(step.observation).tolist())
        rewards.append(number(step.reward))
        if step.last():
            break
    return {"ours": ours, "options": options, "actions": [int(a) for a in actions[: len(rewards)]], "seen": seen, "rewards": rewards}


episodes = []
for size in (4, 10):
    for play in range(4):
        env = DeepSea(size, mapping_seed=42 + play)
        mapping = env._action_mapping.astype(int)
        # Mostly right, so that the treasure's column is met; the first play goes right every time.
        actions, column = [], 0
        for row in range(size):
            right = play == 0 or random.random() < 0.8
            actions.append(mapping[row, column] if right else 1 - mapping[row, column])
            column = min(size - 1, column + 1) if right else max(0, column - 1)
        episodes.append(episode(env, "DeepSea-v0", {"size": size, "mapping": mapping.ravel().tolist()}, actions))
for rows, columns in ((10, 5), (6, 3)):
    for play in range(4):
        env = Catch(rows, columns, seed=play)
        episodes.append(episode(env, "Catch-v0", {"rows": rows, "columns": columns}, random.integers(3, size=rows)))

path = pathlib.Path(__file__).parents[2] / "src/envs/toy/toy.golden.json"
path.write_text(json.dumps({"gymnasium": gymnasium.__version__, "bsuite": "0.3.6", "tables": tables, "episodes": episodes}, separators=(",", ":")))
print(path, path.stat().st_size)
