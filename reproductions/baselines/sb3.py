"""Scores of Stable-Baselines3 in our own worlds, at the settings and steps of our reproductions: what is odd there, ours or
the one run that was published?

The worlds are played through worlds.ts, so that nothing differs but the learner. Each score is the mean return of the first
episodes of 100 worlds by the policy's best actions after the last step.

python reproductions/baselines/sb3.py ARM SEED …   adds to stable-baselines3.json
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import stable_baselines3 as sb3
import torch
from gymnasium import spaces
from stable_baselines3.common.vec_env import VecEnv

here = Path(__file__).parent
node = [str(here / "../../node_modules/.bin/node"), "--conditions=repertoire-source", str(here / "worlds.ts")]


class Worlds(VecEnv):
    def __init__(self, name, size, seed):
        self.process = subprocess.Popen([*node, name, str(size)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.first = seed
        said = self.heard()
        seen, done = said["observationSpace"], said["actionSpace"]
        # Bounds that are infinite are null in JSON; no learner here looks at them.
        observation = spaces.Box(-np.inf, np.inf, seen["shape"], np.float32)
        if done["kind"] == "discrete":
            action = spaces.Discrete(done["n"])
        else:
            low, high = (np.array([*bound.values()] if isinstance(bound, dict) else bound, np.float32) for bound in (done["low"], done["high"]))
            action = spaces.Box(low, high, dtype=np.float32)
        super().__init__(size, observation, action)

    def heard(self):
        return json.loads(self.process.stdout.readline())

    def say(self, line):
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()

    def rows(self, numbers):
        return np.array(numbers, np.float32).reshape(self.num_envs, -1)

    def reset(self):
        self.say({"seed": self.first})
        return self.rows(self.heard()["observation"])

    def step_async(self, actions):
        self.say({"actions": np.asarray(actions).reshape(-1).tolist()})

    def step_wait(self):
        it = self.heard()
        ended, cut = np.array(it["terminated"], bool), np.array(it["truncated"], bool)
        infos = [{} for _ in range(self.num_envs)]
        for i in np.flatnonzero(ended | cut):
            infos[i] = {
                "terminal_observation": self.rows(it["finalObservation"])[i],
                "TimeLimit.truncated": bool(cut[i] and not ended[i]),
            }
        return self.rows(it["observation"]), np.array(it["reward"], np.float32), ended | cut, infos

    def close(self):
        self.process.stdin.close()
        self.process.wait()

    def get_attr(self, attr_name, indices=None):
        return [None] * self.num_envs

    def set_attr(self, attr_name, value, indices=None):
        raise NotImplementedError

    def env_method(self, method_name, *method_args, indices=None, **method_kwargs):
        raise NotImplementedError

    def env_is_wrapped(self, wrapper_class, indices=None):
        return [False] * self.num_envs


def falling(rate):
    return lambda left: rate * left


arms = {
    "LunarLander-v3, A2C": (
        "LunarLander-v3",
        8,
        200_000,
        lambda worlds, seed: sb3.A2C(
            "MlpPolicy", worlds, seed=seed, gamma=0.995, n_steps=5, learning_rate=falling(8.3e-4), ent_coef=1e-5, device="cpu"
        ),
    ),
    "CartPole-v1, DQN": (
        "CartPole-v1",
        1,
        50_000,
        lambda worlds, seed: sb3.DQN(
            "MlpPolicy",
            worlds,
            seed=seed,
            learning_rate=2.3e-3,
            batch_size=64,
            buffer_size=100_000,
            learning_starts=1000,
            gamma=0.99,
            target_update_interval=10,
            train_freq=256,
            gradient_steps=128,
            exploration_fraction=0.16,
            exploration_final_eps=0.04,
            policy_kwargs={"net_arch": [256, 256]},
            device="cpu",
        ),
    ),
    "Pendulum-v1, PPO": (
        "Pendulum-v1",
        4,
        100_000,
        lambda worlds, seed: sb3.PPO(
            "MlpPolicy", worlds, seed=seed, n_steps=1024, gamma=0.9, learning_rate=1e-3, device="cpu"
        ),
    ),
}


def score(model, name, seed, episodes=100):
    worlds = Worlds(name, episodes, 1000 + seed)
    seen, total, live = worlds.reset(), np.zeros(episodes), np.ones(episodes, bool)
    while live.any():
        actions, _ = model.predict(seen, deterministic=True)
        worlds.step_async(actions)
        seen, reward, ended, _ = worlds.step_wait()
        total += reward * live
        live &= ~ended
    worlds.close()
    return float(total.mean())


if __name__ == "__main__":
    torch.set_num_threads(1)
    arm, *seeds = sys.argv[1:]
    world, size, steps, learner = arms[arm]
    kept = here / "stable-baselines3.json"
    for seed in map(int, seeds):
        worlds = Worlds(world, size, seed)
        model = learner(worlds, seed).learn(steps)
        worlds.close()
        scores = json.loads(kept.read_text()) if kept.exists() else {"version": sb3.__version__, "scores": {}}
        scores["scores"].setdefault(arm, {})[str(seed)] = round(score(model, world, seed), 3)
        kept.write_text(json.dumps(scores, indent=2) + "\n")
        print(arm, seed, scores["scores"][arm][str(seed)], flush=True)
