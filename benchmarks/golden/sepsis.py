"""Exact values of policies in ICU-Sepsis v2, for src/envs/care: python benchmarks/golden/sepsis.py

From the tables of the icu-sepsis package (2.0.1, pip install --no-deps icu-sepsis==2.0.1), solved as linear equations.
"""

import json
from pathlib import Path

import numpy as np
import icu_sepsis.envs.sepsis as package
from icu_sepsis.utils.io import MDPParameters

tables = MDPParameters(Path(package.__file__).parent / "assets")
chance, clinicians, start = tables.tx_mat, tables.expert_policy, tables.d_0
states, actions, _ = chance.shape
death = states - 3
survival = death + 1
admissible = np.zeros((states, actions))
for state, allowed in enumerate(tables.admissible_actions):
    admissible[state, allowed] = 1


def values(policy, dynamics):
    """Chance of survival and expected steps from each state."""
    flow = np.einsum("sa,sat->st", policy[:death], dynamics[:death])
    inner = np.eye(death) - flow[:, :death]
    return np.linalg.solve(inner, flow[:, survival]), np.linalg.solve(inner, np.ones(death))


def best(dynamics):
    policy = np.full((states, actions), 1 / actions)
    while True:
        value = np.concatenate([values(policy, dynamics)[0], [0, 1, 0]])
        gain = dynamics @ value
        greedy = np.eye(actions)[np.argmax(np.round(gain, 12), axis=1)]
        improved = np.where((gain.max(1) - (policy * gain).sum(1) > 1e-12)[:, None], greedy, policy)
        if np.array_equal(improved, policy):
            return policy
        policy = improved


deadly = chance.copy()
deadly[admissible == 0] = np.eye(states)[death]
clinicians = clinicians / np.maximum(clinicians.sum(1, keepdims=True), 1e-12)
policies = {
    "random": np.full((states, actions), 1 / actions),
    "clinicians": clinicians,
    "admissible": admissible / admissible.sum(1, keepdims=True),
    "best": best(chance),
}
cases = []
for name, policy in policies.items():
    for treatment, dynamics in (("mean", chance), ("terminate", deadly)):
        value, steps = values(policy, dynamics)
        case = {"style": name, "inadmissible": treatment, "start": float(start[:death] @ value), "steps": float(start[:death] @ steps)}
        if name != "best" or treatment == "mean":  # several policies are best under "mean" and differ otherwise
            cases.append({**case, "values": [float(v) for v in value[:death:71]]})
out = Path(__file__).parents[2] / "src/envs/care/care.golden.json"
out.write_text(json.dumps({"admissible": int(admissible.sum()), "cases": cases}, indent=1) + "\n")
print(out.read_text()[:900])
