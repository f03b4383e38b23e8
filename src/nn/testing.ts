/** What tests of networks share: parameters both sides agree on, golden values with slopes, ensembles beside their members. */
import assert from "node:assert/strict";
import { constant, grad, leavesOf, mapTree, type NdArray, randomKey, type Tensor } from "../tensor/index.ts";
import { assertClose, below, numbersOf, valuesOf, wave } from "../tensor/testing.ts";
import { ensemble, type Net } from "./net.ts";

/** The tree with a wave in each leaf, numbered in the order of their paths. */
export function waves<P>(tree: P, scale = 0.6): P {
  const paths = [...leavesOf<Tensor>(tree).keys()];
  return mapTree(tree, ({ shape }: Tensor, path) => constant(wave(shape, paths.indexOf(path), scale))) as P;
}

interface Values {
  readonly [name: string]: Tensor;
}

/**
 * A network's outputs at wave parameters, and the slopes of the mean square of each output, summed, are PyTorch's.
 * @param given float inputs, whose slopes are checked too
 */
export async function assertGolden<P>(
  wanted: { readonly [path: string]: readonly number[] },
  init: Net<P, readonly never[], unknown>["init"],
  given: { readonly [name: string]: NdArray },
  f: (params: P, inputs: Values) => Values,
  { error = 1e-5, floor = 0.05 } = {},
): Promise<void> {
  const got = await valuesOf(given, (inputs, draw) => {
    const params = waves(init(draw));
    const loss = (at: { inputs: Values; params: P }): Tensor =>
      Object.values(f(at.params, at.inputs))
        .map((out) => out.square().mean())
        .reduce((a, b) => a.add(b));
    const slopes = grad(loss)({ inputs, params });
    const inner = leavesOf(slopes.params).size === 0 ? {} : below("slope", slopes.params);
    return { ...below("out", f(params, inputs)), ...below("slope", slopes.inputs), ...inner };
  });
  assert.deepEqual(Object.keys(got).sort(), Object.keys(wanted).sort());
  for (const [path, numbers] of Object.entries(wanted)) {
    assertClose(numbersOf((got as Record<string, NdArray>)[path]), numbers, path, { error, floor });
  }
}

/** An ensemble of a network gives what its members give apart: outputs, and slopes of every parameter. */
export async function assertEnsemble<P, In extends readonly unknown[]>(
  member: Net<P, In, Tensor>,
  given: { readonly [name: string]: NdArray },
  { size = 3, error = 1e-5, floor = 0.1 } = {},
): Promise<void> {
  const group = ensemble(member, size);
  const loss = (out: Tensor): Tensor => out.square().mean();
  const got = await valuesOf(
    given,
    (inputs, draw) => {
      const params = group.init(draw);
      const args = Object.values(inputs) as unknown as In;
      const out = group(params, ...args);
      assert.equal(out.axes[0], "member");
      const slopes = grad((p: P) => loss(group(p, ...args)).mul(size))(params);
      const results: Record<string, Tensor> = { out, ...below("slope", slopes) };
      for (let i = 0; i < size; i++) {
        const own = member.init(draw.at(i));
        results[`${i}/out`] = member(own, ...args);
        Object.assign(results, below(`${i}/slope`, grad((p: P) => loss(member(p, ...args)))(own)));
      }
      return results;
    },
    randomKey(5),
  );
  for (const name of Object.keys(got).filter((path) => !/^\d\//.test(path))) {
    const length = got[name].data.length / size;
    for (let i = 0; i < size; i++) {
      const part = numbersOf(got[name]).slice(i * length, (i + 1) * length);
      assertClose(part, numbersOf(got[`${i}/${name}`]), `${name} of member ${i}`, { error, floor });
    }
  }
  assert.notDeepEqual(got["0/out"].data, got["1/out"].data);
}
