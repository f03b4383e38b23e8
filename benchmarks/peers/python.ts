/** Peers that are Python programs: the interpreter they run under, and each of them as a side of a measurement. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { problem } from "../../src/problems.ts";
import type { Peer } from "../benchmark.ts";
import { openProcess } from "./process.ts";

const root = join(import.meta.dirname, "..", "..");
const ownPython = join(
  root,
  ".venv",
  ...(process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"]),
);

const imports = (python: string, module: string): boolean =>
  spawnSync(python, ["-c", `import ${module.split(" ").join(", ")}`], { stdio: "ignore" }).status === 0;

/**
 * A Python that can import the module: the one on the path, or else one in .venv, which is made and filled on first use.
 * @param module as PyPI knows it too; several apart by spaces
 * @throws Problem "missing-file" where there is no Python 3, "broken-file" where pip cannot install the module
 */
export function pythonWith(module: string): string {
  const python = known.get(module) ?? find(module);
  known.set(module, python);
  return python;
}

const known = new Map<string, string>();

/** What a peer imports, by the first word of its script's name. */
const modules: { readonly [word: string]: string } = {
  jax: "jax",
  vw: "vowpalwabbit",
  gymnasium: "gymnasium mujoco minigrid gymnasium_robotics",
};

function find(module: string): string {
  for (const python of ["python3", ownPython]) if (imports(python, module)) return python;
  if (spawnSync("python3", ["--version"], { stdio: "ignore" }).status !== 0) {
    const next = "Install Python 3.10 or newer, with its venv module, and run again.";
    throw problem("missing-file", { path: "python3", what: `a Python to run the peer (${module}) in`, next });
  }
  console.error(`Installing ${module} into .venv (once) …`);
  const run = (command: string, ...args: string[]): boolean =>
    spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2] }).status === 0;
  const made = existsSync(ownPython) || run("python3", "-m", "venv", ".venv");
  if (
    !made ||
    !run(ownPython, "-m", "pip", "install", "--quiet", ...module.split(" ")) ||
    !imports(ownPython, module)
  ) {
    const next = "Its messages are above: check the network or the registry and run again.";
    const reason = made ? `pip could not install ${module}` : "python3 -m venv failed";
    throw problem("broken-file", { path: ".venv", what: "Python environment", reason, next });
  }
  return ownPython;
}

/** Starts a peer that is a Python script, under a Python that has what its name begins with. See openProcess. */
export async function openPeer(
  script: string,
  flags: { readonly [name: string]: string | number },
  each = 1,
): Promise<Peer> {
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
  // The peer's own threads must not grow with the machine, whichever library it was built on.
  const env = { ...process.env, OMP_NUM_THREADS: String(flags.threads), MKL_NUM_THREADS: String(flags.threads) };
  const python = pythonWith(modules[script.split("_")[0]] ?? "torch");
  return await openProcess(python, ["-u", join(import.meta.dirname, script), ...args], { each, env });
}
