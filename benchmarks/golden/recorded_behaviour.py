"""Facts of the files under ../shared/data, pinned in the tests of src/data/formats.

python benchmarks/golden/recorded_behaviour.py ../shared/data
"""

import csv
import gzip
import json
import sys
from collections import Counter, defaultdict

root = sys.argv[1]
csv.field_size_limit(10**9)

rows = list(csv.DictReader(gzip.open(f"{root}/overcooked/human-human-2020-sample.csv.gz", "rt")))
trials = defaultdict(list)
for row in rows:
    trials[row["trial_id"]].append(row)
print("overcooked", len(rows), "rows", len(trials), "trials")
for trial in trials.values():
    # All but the last row of a trial are steps: the last one's state is what was seen in the end.
    steps = trial[:-1]
    joint = [json.loads(row["joint_action"]) for row in steps]
    held = sum(player["held_object"] is not None for row in steps for player in json.loads(row["state"])["players"])
    interact = [sum(action[i] == "interact" for action in joint) for i in (0, 1)]
    print(" ", trial[0]["layout_name"], len(steps), sum(int(row["reward"]) for row in steps), interact, held)

for scene in ["eth", "hotel"]:
    people = defaultdict(list)
    for line in gzip.open(f"{root}/pedestrians/biwi_{scene}.txt.gz", "rt"):
        frame, person, x, y, vx, vy = map(float, line.split())
        people[person].append((frame, x, y))
    step = Counter(b[0] - a[0] for track in people.values() for a, b in zip(track, track[1:])).most_common(1)[0][0]
    walks = steps = alone = 0
    for track in people.values():
        cuts = [i for i in range(1, len(track)) if track[i][0] - track[i - 1][0] != step]
        for a, b in zip([0, *cuts], [*cuts, len(track)]):
            walks, steps, alone = walks + (b - a > 1), steps + b - a - 1, alone + (b - a == 1)
    print("pedestrians", scene, len(people), "people", walks, "walks", steps, "steps", alone, "alone")

transcripts = json.load(gzip.open(f"{root}/tau-bench/gpt-4o-airline.json.gz"))
messages = [message for transcript in transcripts for message in transcript["traj"]]
calls = Counter(call["function"]["name"] for message in messages for call in message.get("tool_calls", []))
print("tau-bench", len(transcripts), sum(t["reward"] for t in transcripts), Counter(m["role"] for m in messages))
print(" ", calls.most_common(4), len(calls), "tools")

events = [json.loads(line) for line in open(f"{root}/vw/dsjson_cb.json")]
print("dsjson", len(events), sum(e["_label_cost"] for e in events), Counter(e["_label_Action"] for e in events))
lines = [line.split("|")[0].split() for line in gzip.open(f"{root}/vw/rcv1_cb_eval.gz", "rt")]
labels = [line[1].split(":") for line in lines]
words = {word for line in gzip.open(f"{root}/vw/rcv1_cb_eval.gz", "rt") for word in line.split("|")[1].split()}
print("rcv1", len(lines), Counter(a for a, _, _ in labels), sum(float(c) for _, c, _ in labels), len(words), "words")
print("  evaluated", Counter(line[0] for line in lines))
slots = [line for line in open(f"{root}/vw/ccb_test.dat") if line.startswith("ccb slot")]
labelled = [line.split()[2] for line in slots if ":" in line.split("|")[0]]
print("ccb", len(slots), "slots", len(labelled), "labelled", sum(float(l.split(":")[1]) for l in labelled), "cost")
