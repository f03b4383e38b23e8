/** What the test asks of a page, by name. Only values that survive JSON come back. */
import { drawScene, type Scene } from "repertoire/envs";
import { loadPolicy, openPolicy } from "repertoire/policies";
import { saveTree } from "repertoire/tensor";
import { actions, cloned, hopping, offline, recording, regression, updatesPerSecond } from "./workload.ts";

const sentence = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "no complaint",
    (error: Error) => `${error.name}: ${error.message}`,
  );

interface PageCanvas {
  getContext(kind: "2d"): {
    drawImage(picture: unknown, x: number, y: number): void;
    getImageData(x: number, y: number, width: number, height: number): { readonly data: Uint8ClampedArray };
  };
}
interface Picture {
  readonly OffscreenCanvas: new (width: number, height: number) => PageCanvas;
  createImageBitmap(blob: Blob): Promise<{ readonly width: number; readonly height: number }>;
}

interface Gpu {
  readonly gpu?: { requestAdapter(): Promise<unknown> };
}

const asked = {
  regression: (options: Parameters<typeof regression>[0]) => regression(options),
  offline: async () => await offline(await recording()),
  async actionsOf(address: string) {
    await using policy = await loadPolicy(address);
    return await actions(policy, await recording());
  },
  async learned() {
    await using policy = await cloned(await recording(), true);
    return Array.from(policy.bytes);
  },
  refusals: async (altered: string) => ({
    missing: await sentence(loadPolicy("nowhere.onnx")),
    altered: await sentence(loadPolicy(altered)),
    broken: await sentence(openPolicy(new Uint8Array(100))),
    saving: await sentence(saveTree("state.safetensors", {})),
    webgpu: await sentence(regression({ provider: "webgpu" })),
    cuda: await sentence(regression({ provider: "cuda" })),
  }),
  hopping,
  engineMissing: () => sentence(hopping()),
  adapter: async () => Boolean(await (globalThis as unknown as { navigator: Gpu }).navigator.gpu?.requestAdapter()),
  speed: updatesPerSecond,
  drawn(scene: Scene) {
    const context = new (globalThis as unknown as Picture).OffscreenCanvas(200, 100).getContext("2d");
    drawScene(context, scene);
    return Array.from(context.getImageData(0, 0, 200, 100).data);
  },
  /** The pixels of a PNG as the browser reads it. */
  async decoded(png: readonly number[]) {
    const page = globalThis as unknown as Picture;
    const bitmap = await page.createImageBitmap(new Blob([Uint8Array.from(png)], { type: "image/png" }));
    const context = new page.OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
    context.drawImage(bitmap, 0, 0);
    return Array.from(context.getImageData(0, 0, bitmap.width, bitmap.height).data);
  },
  isolated: async () => (globalThis as unknown as { crossOriginIsolated: boolean }).crossOriginIsolated,
};

Object.assign(globalThis, { asked });
