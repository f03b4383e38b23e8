/** The reference: tensors evaluated one by one in double precision. Slow; what the compiled programs are tested against. */
import { problem } from "../problems.ts";
import { asType, type NdArray } from "./ndarray.ts";
import { type Operation, operations, type Row } from "./operations.ts";
import { open } from "./shape.ts";
import { constant, type Tensor } from "./tensor.ts";

/**
 * @param feeds a value for every input the tensors reach, by name
 * @throws Problem "tree-mismatch" when one is missing
 */
export function evaluate(tensors: readonly Tensor[], feeds: { readonly [name: string]: NdArray } = {}): NdArray[] {
  const values = new Map<Tensor, NdArray>();
  for (const tensor of topological(tensors)) {
    const row = operations[tensor.operation] as Row<Operation>;
    if (tensor.operation === "input") {
      const { name } = tensor.attributes as { name: string };
      const given = feeds[name];
      if (given === undefined) {
        throw problem("tree-mismatch", {
          where: "evaluate",
          missing: [name],
          unexpected: [],
          next: "Give every input a value.",
        });
      }
      values.set(tensor, given.dtype === "float32" ? asType(given, "float64") : given);
      continue;
    }
    const inputs = tensor.inputs.map((input) => values.get(input) as NdArray);
    // An open size is known now that there are values: the shape rule runs again on theirs.
    const output = tensor.shape.includes(open)
      ? row.infer(inputs.map(constant) as never, tensor.attributes as never)
      : tensor;
    const value = row.reference(inputs, { shape: output.shape, dtype: tensor.dtype }, tensor.attributes as never);
    // References compute in double precision; whole numbers and truth values are made what they are.
    values.set(tensor, asType(value, tensor.dtype.startsWith("float") ? "float64" : tensor.dtype));
  }
  return tensors.map((tensor) => values.get(tensor) as NdArray);
}

/** Everything the tensors are made of, inputs before results. */
export function topological(tensors: readonly Tensor[]): Tensor[] {
  const seen = new Set<Tensor>();
  const work = [...tensors];
  while (work.length > 0) {
    const tensor = work.pop() as Tensor;
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    work.push(...tensor.inputs);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}
