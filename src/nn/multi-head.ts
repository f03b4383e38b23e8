/** One body for several tasks, and a last layer for each of them. */
import { concat, type Tensor } from "../tensor/index.ts";
import type { TanhGaussian } from "./distributions.ts";
import { squashedNormal } from "./heads.ts";
import { type Mlp, type MlpOptions, mlp } from "./layers.ts";
import { ensemble, mapNet, type Net, net } from "./net.ts";

type Body = Omit<MlpOptions, "inputs" | "outputs"> & {
  /** At least 1. */
  readonly heads: number;
};

/**
 * A multi-layer perceptron of which all but the last layer is shared: [… inputs] and [… heads], a one-hot that picks the
 * head, → [… outputs]. The heads that were not picked get no slope.
 */
export function multiHead({
  heads,
  outputs,
  ...body
}: MlpOptions & Body): Net<Mlp, [x: Tensor, which: Tensor], Tensor> {
  const all = mlp({ ...body, outputs: heads * outputs });
  return net(
    (key) => all.init(key),
    (params, x, which) => {
      const said = all(params, x);
      const each = said.reshape(...said.shape.slice(0, -1), heads, outputs);
      return each.mul(which.unsqueeze(-1)).sum(-2);
    },
  );
}

/** `tanhGaussianPolicy` with a last layer for each task. */
export const multiHeadTanhGaussianPolicy = (
  observations: number,
  actions: number,
  options: Body,
): Net<Mlp, [observation: Tensor, which: Tensor], TanhGaussian> =>
  mapNet(multiHead({ inputs: observations, outputs: 2 * actions, ...options }), (out) => squashedNormal(out));

/** `qEnsemble` with a last layer for each task: → [member, batch]. */
export function multiHeadQEnsemble(
  observations: number,
  actions: number,
  { size, ...options }: Body & { readonly size: number },
): Net<Mlp, [observation: Tensor, action: Tensor, which: Tensor], Tensor> {
  const body = multiHead({ inputs: observations + actions, outputs: 1, ...options });
  const q = net<Mlp, [observation: Tensor, action: Tensor, which: Tensor], Tensor>(
    (key) => body.init(key),
    (params, observation, action, which) => body(params, concat([observation, action]), which).squeeze(-1),
  );
  return ensemble(q, size);
}
