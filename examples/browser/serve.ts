/** Bundles a page and serves it to this machine alone: `npm run page`, then open the address it prints. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const types: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };

const headers = (evaluates: boolean) => ({
  // All that a page with Repertoire needs: its own scripts, and leave to compile WebAssembly.
  "content-security-policy": `default-src 'self'; script-src 'self' '${evaluates ? "" : "wasm-"}unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data:`,
  // Shared memory, which more than one thread needs, is for pages that let nobody else in.
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
});

export interface Page {
  /** The path of the page's script; it is served under its name, ending in .js. */
  readonly script: string;
  /** The path of the page's HTML, or the bytes of one. */
  readonly html: string | Uint8Array;
  /** Further files by name. */
  readonly files?: { readonly [name: string]: Uint8Array };
  /** Default: one that is free. */
  readonly port?: number;
  /** Default: what this repository's sources are found by; none for the package as it is installed. */
  readonly conditions?: readonly string[];
  readonly minify?: boolean;
  /** Whether the page may compile text as JavaScript, as MuJoCo's own script does. Default no. */
  readonly evaluates?: boolean;
}

export async function serve({
  script,
  html,
  files = {},
  port = 0,
  conditions = ["repertoire-source"],
  minify = false,
  evaluates = false,
}: Page) {
  const served = new Map<string, Uint8Array>(Object.entries(files).map(([name, bytes]) => [`/${name}`, bytes]));
  const { outputFiles } = await build({
    entryPoints: [script],
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2024",
    conditions: [...conditions],
    minify,
    outdir: "/",
    write: false,
    logLevel: "warning",
  });
  for (const { path, contents } of outputFiles) served.set(path, contents);
  // The runtime's code for the processor, and for WebGPU.
  for (const runtime of ["ort-wasm-simd-threaded.wasm", "ort-wasm-simd-threaded.asyncify.wasm"]) {
    served.set(`/${runtime}`, await readFile(fileURLToPath(import.meta.resolve(`onnxruntime-web/${runtime}`))));
  }
  served.set("/", typeof html === "string" ? await readFile(html) : html);

  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    const bytes = served.get(path);
    response.writeHead(bytes ? 200 : 404, {
      ...headers(evaluates),
      "content-type": types[extname(path) || ".html"] ?? "",
    });
    response.end(bytes);
  });
  await new Promise<void>((ready) => server.listen(port, "127.0.0.1", ready));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

if (import.meta.main) {
  const here = (name: string): string => join(import.meta.dirname, name);
  const { address } = await serve({ script: here("page.js"), html: here("index.html"), port: 8080 });
  console.log(`${address}   (Ctrl-C ends it)`);
}
