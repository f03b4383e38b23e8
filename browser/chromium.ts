/** The system's Chromium, headless and offline but for this machine. */
import { existsSync } from "node:fs";
import { findPackageJSON } from "node:module";

const known = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
export const executablePath = [process.env.CHROMIUM, ...known].find((path) => path !== undefined && existsSync(path));

const args = [
  ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage"],
  ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-proxy-server"],
  ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
].flat();

/** WebGPU by the processor, so that the path can be tested where there is no device. */
const softwareGpu = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

export async function launch({ gpu = false } = {}) {
  const { chromium } = await import("playwright-core");
  return await chromium.launch({
    executablePath: executablePath as string,
    headless: true,
    args: [...args, ...(gpu ? softwareGpu : ["--disable-gpu"])],
  });
}

/** Why there is no browser to test in; false where there is one. */
export const absent: string | false =
  executablePath === undefined
    ? "no Chromium on this machine (set CHROMIUM to its path)"
    : findPackageJSON("playwright-core", import.meta.url) === undefined && "playwright-core is not installed";
