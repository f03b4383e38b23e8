/** MuJoCo's WebAssembly build (@mujoco/mujoco), fetched once, in Node or in a page. */
import { inNode } from "../../files.ts";
import { problem } from "../../problems.ts";

type Package = typeof import("@mujoco/mujoco");
/** The loaded module. One instance serves every world of a thread: they share its memory, not their states. */
export type Engine = Awaited<ReturnType<Package["default"]>>;

let folder: string | undefined;
let loading: Promise<Engine> | undefined;

/**
 * Where a page finds `mujoco.js` and `mujoco.wasm`, before the first world is prepared; default: beside the page's own
 * address (in a worker: the worker's script). Nothing in Node, which finds the installed package.
 * @example serveMujocoFrom("https://example.org/mujoco/")
 */
export function serveMujocoFrom(address: string): void {
  folder = address.endsWith("/") ? address : `${address}/`;
}

/**
 * The engine; the second call returns the first one's.
 * @throws Problem "broken-file" in a page that cannot fetch it
 */
export function loadMujoco(): Promise<Engine> {
  loading ??= fetched().catch((error: unknown) => {
    loading = undefined; // a page may serve it later, and ask again
    throw error;
  });
  return loading;
}

async function fetched(): Promise<Engine> {
  // Bundlers must not follow this import: esbuild stops at the Node modules named in the package's own file.
  const [name, options] = inNode ? ["@mujoco/mujoco", {}] : beside();
  try {
    const { default: load } = (await import(name)) as Package;
    return await load(options);
  } catch (error) {
    if (inNode) throw error;
    throw problem("broken-file", {
      path: name,
      what: "copy of MuJoCo's mujoco.js with mujoco.wasm beside it",
      reason: (error as Error).message,
      next: "Serve both files of node_modules/@mujoco/mujoco, and say where with serveMujocoFrom.",
    });
  }
}

function beside(): readonly [string, object] {
  const { location } = globalThis as unknown as { readonly location: { readonly href: string } };
  const address = (file: string): string => new URL(file, new URL(folder ?? ".", location.href)).href;
  return [address("mujoco.js"), { locateFile: address }];
}
