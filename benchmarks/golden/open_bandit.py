"""Facts of the Open Bandit files, pinned in src/data/formats/tables.test.ts.

python benchmarks/golden/open_bandit.py ../shared/data/open-bandit
"""

import csv
import gzip
import sys
from collections import Counter

for policy in ["random", "bts"]:
    folder = f"{sys.argv[1]}/{policy}"
    rows = list(csv.DictReader(gzip.open(f"{folder}/men.csv.gz", "rt")))
    items = list(csv.DictReader(open(f"{folder}/item_context.csv")))
    shown = Counter(int(row["item_id"]) for row in rows)
    propensities = [float(row["propensity_score"]) for row in rows]
    affinities = sum(float(value) for row in rows for name, value in row.items() if name.startswith("user-item"))
    print(policy, len(rows), "rows", len(items), "items", sum(int(row["click"]) for row in rows), "clicks")
    print("  user features", [len({row[f"user_feature_{i}"] for row in rows}) for i in range(4)])
    print("  item features", [len({item[f"item_feature_{i}"] for item in items}) for i in range(1, 4)])
    print("  propensity", min(propensities), max(propensities), "affinities", affinities)
    print("  shown", shown[0], shown[33], "positions", Counter(row["position"] for row in rows), rows[0]["timestamp"])
