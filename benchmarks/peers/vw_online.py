"""Vowpal Wabbit over a file of rows: parse, hash and learn in C++, one pass. Prints rows a second and the mean loss.

python benchmarks/peers/vw_online.py FILE ROWS
"""

import json
import sys
import time

import vowpalwabbit

_, path, rows = sys.argv
begin = time.perf_counter()
workspace = vowpalwabbit.Workspace(f"-d {path} -b 18 --noconstant --loss_function logistic --quiet --no_stdin")
seconds = time.perf_counter() - begin
loss = workspace.get_sum_loss() / workspace.get_weighted_examples()
workspace.finish()
name = f"Vowpal Wabbit {vowpalwabbit.__version__}"
print(json.dumps({"name": name, "rowsPerSecond": int(rows) / seconds, "loss": loss}))
