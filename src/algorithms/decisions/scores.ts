/** Networks that score every choice of a decision. */
import {
  type Initialiser,
  type Linear,
  linear,
  type Mlp,
  type MlpOptions,
  mlp,
  type Net,
  net,
} from "../../nn/index.ts";
import { type Tensor, zerosOf } from "../../tensor/index.ts";
import type { Sizes } from "../define.ts";

const zero: Initialiser = (_key, inputs, outputs) => zerosOf([inputs, outputs]);

export interface ChoiceScores {
  /** Of each choice, whatever the context. */
  readonly choice: Linear;
  /** Of the context and the choice together. */
  readonly context: Mlp;
}

/**
 * [batch, context] → [batch, choices]: what a choice scores everywhere, plus what it scores in this context. The two
 * parts keep apart what a short log can tell (some choices are better) from what takes a long one (for whom). The second
 * starts at nothing, so that a context not seen in training changes little.
 */
export function choiceScores(
  { observation, action: { size }, actionFeatures }: Sizes,
  options: Pick<MlpOptions, "hidden">,
): Net<ChoiceScores, [observation: Tensor], Tensor> {
  const features = actionFeatures?.shape[1] ?? 0;
  const choice = linear(features + size, 1, { weight: zero, bias: "zero" });
  const context = mlp({ inputs: observation, outputs: size, lastWeight: zero, bias: "zero", ...options });
  return net(
    (key) => ({ choice: choice.init(key.at("choice")), context: context.init(key.at("context")) }),
    (params, x) => {
      const own = params.choice.weight.slice(0, features).squeeze(1);
      const shared = actionFeatures
        ? actionFeatures
            .matmul(params.choice.weight.slice(0, 0, features))
            .squeeze(1)
            .add(own)
        : own;
      return context(params.context, x).add(shared).add(params.choice.bias);
    },
  );
}
