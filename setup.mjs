#!/usr/bin/env node
/**
 * Runs a program of this repository under the pinned Node, after installing what is missing.
 *
 *   node setup.mjs src/cli/main.ts improve LOG     a program, with its arguments
 *   node setup.mjs --test [files…]                 the tests
 *
 * Any Node >= 20 can run this file; everything else runs under the version that package-lock.json pins.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(fileURLToPath(import.meta.url));
const [major] = process.versions.node.split(".").map(Number);
if (major < 20) {
  console.error(
    `Repertoire's set-up needs Node 20 or newer; this is ${process.version}. Install a newer Node and run again.`,
  );
  process.exit(2);
}

const pinned = join(root, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");
const installed = existsSync(pinned) && isInstalled();

if (!installed) {
  console.error("Installing what is missing (npm ci) …");
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
    // An npm that does not know `allowScripts` yet runs every install script; this one would fetch CUDA libraries.
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: "skip", ONNXRUNTIME_NODE_INSTALL_CUDA: "skip" },
  });
  if (status !== 0 || !existsSync(pinned)) {
    console.error("npm ci did not succeed (its messages are above). Check the network or the registry and run again.");
    process.exit(2);
  }
}

const given = process.argv.slice(2);
const args = given[0] === "--test" ? testArguments(given.slice(1)) : given;
// Inside this repository "repertoire/…" means the sources; anywhere else it means what was built from them.
const child = spawn(pinned, ["--conditions=repertoire-source", ...args], { cwd: root, stdio: "inherit" });
// The child gets the terminal's Ctrl-C itself and decides how to stop; this process only waits for it.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => signal === "SIGTERM" && child.kill(signal));
child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));

function testArguments(files) {
  const chosen =
    files.length > 0
      ? files
      : ["src/**/*.test.ts", "*.test.ts", "{benchmarks,examples,reproductions,results}/*.test.ts"];
  return ["--import=./.ci/seed.mjs", "--test", "--test-concurrency=2", "--test-reporter=spec", ...chosen];
}

/** Whether what npm last installed here is what package-lock.json names (a part for another platform may be absent). */
function isInstalled() {
  const packages = (file) => JSON.parse(readFileSync(join(root, file), "utf8")).packages;
  try {
    const present = packages("node_modules/.package-lock.json");
    return Object.entries(packages("package-lock.json")).every(
      ([path, { version, optional }]) =>
        path === "" || (path in present ? present[path].version === version : optional),
    );
  } catch {
    return false;
  }
}
