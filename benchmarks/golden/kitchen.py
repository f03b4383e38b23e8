"""Golden trajectories of Overcooked-AI 1.1.0, for src/envs/kitchen: python benchmarks/golden/kitchen.py

Two goal-seeking players with a tenth of random actions cook in each layout; the state after each step is kept as the
CRC-32 of its whole-number form (src/envs/kitchen/state.ts), and both encodings every 20 steps likewise.
pip install --no-deps overcooked-ai==1.1.0 gym gym_notices cloudpickle numpy scipy
"""

import json
import random
import sys
import zlib
from collections import deque
from pathlib import Path
from types import SimpleNamespace

import numpy as np

np.Inf = np.inf  # the package predates NumPy 2
from overcooked_ai_py.mdp.actions import Action, Direction  # noqa: E402
from overcooked_ai_py.mdp.overcooked_mdp import OvercookedGridworld  # noqa: E402
from overcooked_ai_py.planning.planners import MotionPlanner  # noqa: E402

LAYOUTS = [
    "cramped_room", "asymmetric_advantages", "coordination_ring", "forced_coordination", "counter_circuit",
    "counter_circuit_o_1order", "inverse_marshmallow_experiment", "you_shall_not_pass",
]
STEPS = 400


def item(obj):
    if obj is None:
        return 0
    if obj.name != "soup":
        return {"onion": 1, "tomato": 2, "dish": 3}[obj.name]
    onions, tomatoes = obj.ingredients.count("onion"), obj.ingredients.count("tomato")
    return 4 | onions << 3 | tomatoes << 5 | (obj._cooking_tick + 1) << 7


def numbers(mdp, state):
    row = [state.timestep]
    for player in state.players:
        x, y = player.position
        row += [y * mdp.width + x, Direction.DIRECTION_TO_INDEX[player.orientation], item(player.held_object)]
    cells = [0] * (mdp.width * mdp.height)
    for (x, y), obj in state.objects.items():
        cells[y * mdp.width + x] = item(obj)
    return row + cells


def crc(values):
    return zlib.crc32(",".join(str(int(v)) for v in values).encode())


def way(mdp, start, goal):
    """Actions to stand before a cell and face it, ignoring the other player; None without a way."""
    queue, seen = deque([(start, [])]), {start}
    while queue:
        (position, facing), actions = queue.popleft()
        if Action.move_in_direction(position, facing) == goal:
            return actions
        for direction in Direction.ALL_DIRECTIONS:
            following = mdp._move_if_direction(position, facing, direction)
            if following not in seen:
                seen.add(following)
                queue.append((following, actions + [direction]))
    return None


def choose(mdp, state, index, rng, plans):
    if rng.random() < 0.1:
        return rng.choice(Action.ALL_ACTIONS)
    if not plans[index]:
        player = state.players[index]
        held = player.held_object.name if player.held_object else None
        soups = [state.get_object(pot) for pot in mdp.terrain_pos_dict["P"] if state.has_object(pot)]
        begun = any(not soup.is_idle for soup in soups)
        filled = any(soup.is_idle and len(soup.ingredients) > 1 for soup in soups)
        empty_handed = "DDDDX" if begun else "PPPPO" if filled else "OOTX"
        kinds = {None: empty_handed, "onion": "PPPX", "tomato": "PPPX", "dish": "PPX", "soup": "SSSX"}[held]
        kind = rng.choice(kinds)
        cells = mdp.terrain_pos_dict[kind]
        if held is None and kind == "X":
            cells = [cell for cell in cells if state.has_object(cell)]
        routes = [way(mdp, (player.position, player.orientation), cell) for cell in cells]
        routes = sorted((r for r in routes if r is not None), key=len)[:2]
        plans[index] = (rng.choice(routes) + [Action.INTERACT]) if routes else [Action.STAY]
    return plans[index].pop(0)


cases = []
for seed, layout in enumerate(LAYOUTS):
    rng = random.Random(seed)
    mdp = OvercookedGridworld.from_layout_name(layout)
    mlam = SimpleNamespace(motion_planner=MotionPlanner(mdp, counter_goals=[]))  # the package's default: no counters
    state = mdp.get_standard_start_state()
    plans = [[], []]
    actions, states, sparse, shaped, encodings = "", [], [], [], []
    for step in range(STEPS):
        joint = [choose(mdp, state, i, rng, plans) for i in (0, 1)]
        state, infos = mdp.get_state_transition(state, joint)
        actions += "".join(str(Action.ACTION_TO_INDEX[a]) for a in joint)
        states.append(crc(numbers(mdp, state)))
        for kind, rewards in (("sparse", sparse), ("shaped", shaped)):
            given = infos[f"{kind}_reward_by_agent"]
            if any(given):
                rewards.append([step, *given])
        if step % 20 == 19:
            masks = mdp.lossless_state_encoding(state, STEPS)
            features = mdp.featurize_state(state, mlam)
            encodings.append([step, *(crc(m.flatten()) for m in masks), *(crc(f) for f in features)])
    cases.append({
        "layout": layout, "actions": actions, "states": states, "sparse": sparse, "shaped": shaped,
        "encodings": encodings, "last": numbers(mdp, state),
        "lastFeatures": [int(v) for v in mdp.featurize_state(state, mlam)[0]],
    })
    print(layout, "delivered", sum(sum(s[1:]) for s in sparse), file=sys.stderr)

out = Path(__file__).parents[2] / "src/envs/kitchen/kitchen.golden.json"
out.write_text(json.dumps(cases, separators=(",", ":")) + "\n")
print(out.stat().st_size, file=sys.stderr)
