/** From the start of a process to the first decision of a saved policy. */
import { spawn, spawnSync } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { problem } from "../src/problems.ts";
import { quantile, type Side } from "./alternate.ts";
import type { Benchmark } from "./benchmark.ts";
import { untrainedPolicy } from "./decisions.ts";
import { pythonWith } from "./peers/python.ts";
import { sizes } from "./programs/columns.ts";

const root = join(import.meta.dirname, "..");
const folder = join(root, "runs", "bench");
const width = 256;

/** Starts the program again and again. @returns milliseconds until it says anything, by the median */
export function startOf(command: string, args: readonly string[]): Side {
  const once = (): Promise<number> =>
    new Promise((resolve, reject) => {
      const begin = performance.now();
      let taken: number | undefined;
      const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
      child.stdout.once("data", () => {
        taken = performance.now() - begin;
      });
      child.once("error", reject);
      child.once("exit", (code) => {
        if (taken !== undefined && code === 0) resolve(taken);
        else reject(problem("broken-file", { path: args[0], what: "program", reason: `it ended with ${code}` }));
      });
    });
  return {
    async run(seconds) {
      const times: number[] = [];
      const begin = performance.now();
      do times.push(await once());
      while (performance.now() - begin < 1000 * seconds);
      return quantile(times, 0.5);
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

/** The policy's file, and the package as it is published, built once a run. */
async function prepared(): Promise<{ readonly policy: string; readonly index: string }> {
  await mkdir(folder, { recursive: true });
  const dist = join(folder, "dist");
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  const build = [compiler, "-p", join(root, "tsconfig.build.json"), "--outDir", dist];
  const { status } = spawnSync(process.execPath, build, { stdio: ["ignore", 2, 2] });
  if (status !== 0) {
    const next = "Its messages are above.";
    throw problem("broken-file", { path: "tsconfig.build.json", what: "build", reason: "tsc found faults", next });
  }
  const policy = join(folder, "policy.onnx");
  await using made = await untrainedPolicy(width);
  await made.save(policy);
  return { policy, index: join(dist, "policies", "index.js") };
}

const program = (name: string): string => join(import.meta.dirname, "peers", name);

export const startBenchmarks: readonly Benchmark[] = [
  {
    id: "cold-start",
    name: `From the start of a process to the first decision of a saved policy, ${width} wide`,
    unit: "ms",
    threads: 1,
    lessIsBetter: true,
    async openOurs() {
      const { policy, index } = await prepared();
      return startOf(process.execPath, [program("first_decision.mjs"), policy, index]);
    },
    peers: [
      {
        async open() {
          const path = join(folder, "policy.pt");
          const script = program("torch_first_decision.py");
          const python = pythonWith("torch");
          const { observations, actions } = sizes;
          const given = [path, `${width}`, `${observations}`, `${actions}`];
          spawnSync(python, [script, "save", ...given], { stdio: ["ignore", 2, 2] });
          return { name: "PyTorch in Python", ...startOf(python, [script, "load", ...given]) };
        },
      },
      {
        open: async () => ({
          name: "ONNX Runtime in Node, called bare",
          ...startOf(process.execPath, [program("first_decision_bare.mjs"), join(folder, "policy.onnx")]),
        }),
      },
    ],
  },
];
