"""Vowpal Wabbit over a file of rows: parse, hash and learn in C++, one pass an update.

python vw_online.py --path FILE --rows 200000 --bits 18 --threads 1
"""

import json
import sys
import time

import vowpalwabbit
from serve import given

flags = given()
learner = f"-b {flags.bits} --noconstant --loss_function logistic --quiet --no_stdin"
print(json.dumps({"name": f"Vowpal Wabbit {vowpalwabbit.__version__}"}), flush=True)


def one_pass():
    vowpalwabbit.Workspace(f"-d {flags.path} {learner}").finish()


def losses():
    """Mean logistic loss, before each row is learned, over the first and the last tenth of a pass."""
    workspace = vowpalwabbit.Workspace(learner)
    seen = [0.0]
    with open(flags.path) as rows:
        for row in rows:
            workspace.learn(row)
            seen.append(workspace.get_sum_loss())
    tenth = flags.rows // 10
    workspace.finish()
    return {"first": seen[tenth] / tenth, "last": (seen[-1] - seen[-1 - tenth]) / tenth}


for line in sys.stdin:
    if line.startswith("check"):
        print(json.dumps({"parameters": 2**flags.bits, **losses()}), flush=True)
        continue
    passes, begin = 0, time.perf_counter()
    while (seconds := time.perf_counter() - begin) < float(line):
        one_pass()
        passes += 1
    print(json.dumps({"updates": passes, "seconds": seconds}), flush=True)
