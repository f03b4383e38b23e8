"""How a peer of `npm run bench` talks: one line of JSON when it is ready, then an answer to every line of standard input.

A number of seconds: make updates for that long, say how many were made in which time.
"check N": make N updates, say the mean loss over the first and the last tenth of them, and how many numbers are trained.
"""

import argparse
import json
import sys
import time


def given(**choices):
    """The flags of a peer, all of them: whole numbers, a path, or one of the choices that are named."""
    _, *flags = sys.argv
    parser = argparse.ArgumentParser()
    for flag in flags[::2]:
        name = flag.removeprefix("--")
        kind = {"choices": choices[name]} if name in choices else {"type": str if name == "path" else int}
        parser.add_argument(flag, **kind, required=True)
    return parser.parse_args()


def serve(name, update, parameters, each=1, wait=lambda loss: None, products=None):
    """`update` makes `each` updates and returns a loss, which `wait` waits for; `products` counts those of an update."""
    print(json.dumps({"name": name}), flush=True)
    for line in sys.stdin:
        if line.startswith("check"):
            count = max(10, int(line.split()[1]) // each)
            losses = [float(update()) for _ in range(count)]
            tenth = count // 10
            first, last = (sum(part) / tenth for part in (losses[:tenth], losses[-tenth:]))
            answer = {"parameters": parameters, "first": first, "last": last}
            print(json.dumps(answer | ({"products": products()} if products else {})), flush=True)
            continue
        updates, begin = 0, time.perf_counter()
        while (seconds := time.perf_counter() - begin) < float(line):
            for _ in range(max(1, 4 // each)):
                loss = update()
                updates += each
            wait(loss)
        print(json.dumps({"updates": updates, "seconds": seconds}), flush=True)
