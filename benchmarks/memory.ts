/** What a process holds while it trains a small program, one update a call. A leak shows as a number that depends on --seconds. */
import { join } from "node:path";
import type { Benchmark } from "./benchmark.ts";
import { openProcess } from "./peers/process.ts";
import { openPeer } from "./peers/python.ts";

export const memoryBenchmarks: readonly Benchmark[] = [
  {
    id: "memory",
    name: "Memory held while a small program is trained, one update a call",
    unit: "MB",
    threads: 1,
    lessIsBetter: true,
    openOurs: () => openProcess(process.execPath, [join(import.meta.dirname, "peers", "memory_updates.ts")]),
    // Its memory is read from /proc, which Linux has.
    peers: [{ open: () => openPeer("torch_memory.py", { threads: 1 }), optional: true }],
  },
];
