/** What the test asks of a page, by name. Only values that survive JSON come back. */
import { loadPolicy, openPolicy } from "repertoire/policies";
import { saveTree } from "repertoire/tensor";
import { actions, cloned, hopping, offline, recording, regression, updatesPerSecond } from "./workload.ts";

const sentence = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "no complaint",
    (error: Error) => `${error.name}: ${error.message}`,
  );

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
  isolated: async () => (globalThis as unknown as { crossOriginIsolated: boolean }).crossOriginIsolated,
};

Object.assign(globalThis, { asked });
