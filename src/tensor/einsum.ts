/** Einstein's summation, lowered to transposes, reshapes and matrix products. */
import { problem } from "../problems.ts";
import { sizeOf } from "./ndarray.ts";
import { open, userLine } from "./shape.ts";
import { constant, type Tensor } from "./tensor.ts";

/** A tensor and a label for each of its axes. */
interface Labelled {
  readonly tensor: Tensor;
  readonly labels: readonly string[];
}

/**
 * Σ over every label that the output lacks of the product of the tensors. Operands are contracted from left to right. A
 * label repeated in one operand is its diagonal; "..." stands for leading axes, which broadcast; without "->" the output
 * has, in alphabetical order, the labels that occur once.
 * @example einsum("bqd,bkd->bqk", queries, keys)
 * @throws Problem "bad-value" for a specification that cannot be read, "shape" for sizes that do not agree
 */
export function einsum(specification: string, ...tensors: readonly Tensor[]): Tensor {
  const { operands, output } = parse(specification, tensors);
  checkSizes(specification, operands);
  const [first, ...rest] = operands.map(diagonal);
  const result = rest.reduce((left, right, i) => {
    const later = rest.slice(i + 1).flatMap(({ labels }) => labels);
    return contract(left, right, new Set([...output, ...later]));
  }, first);
  const { tensor, labels } = summed(result, new Set(output));
  return reordered(tensor, labels, output);
}

function parse(specification: string, tensors: readonly Tensor[]) {
  const refuse = (wanted: string) =>
    problem("bad-value", { where: "einsum", given: specification, wanted, next: userLine().line ?? "" });
  const [left, right, ...more] = specification.replaceAll(" ", "").split("->");
  const terms = left.split(",");
  const readable = /^(?:[a-zA-Z]|\.\.\.(?!.*\.\.\.))*$/;
  if (more.length > 0 || ![...terms, right ?? ""].every((term) => readable.test(term))) {
    throw refuse('letters, at most one "..." in a term, commas between terms, one "->"');
  }
  if (terms.length !== tensors.length) throw refuse(`${tensors.length} terms, one for each tensor`);
  const operands = terms.map((term, i): Labelled => {
    const tensor = tensors[i];
    const named = term.replace("...", "").length;
    const spare = tensor.rank - named;
    if (spare < 0 || (spare > 0 && !term.includes("..."))) {
      throw refuse(`${tensor.rank} labels in "${term}", one for each axis of [${tensor.shape}]`);
    }
    return { tensor, labels: spelled(term, spare) };
  });
  const leading = Math.max(...operands.map(({ labels }) => labels.filter(isLeading).length));
  const all = operands.flatMap(({ labels }) => labels);
  const once = [...new Set(all)].filter((l) => !isLeading(l) && all.indexOf(l) === all.lastIndexOf(l)).sort();
  const output = right === undefined ? [...spelled("...", leading), ...once] : spelled(right, leading);
  if (new Set(output).size !== output.length || output.some((label) => !all.includes(label))) {
    throw refuse("an output whose labels occur in the terms, each once");
  }
  return { operands, output };
}

/** Leading axes are labelled by their distance from the last of them, so that they meet as broadcasting has them meet. */
const isLeading = (label: string): boolean => label.startsWith(".");
function spelled(term: string, leading: number): string[] {
  const [before, after] = term.split("...");
  if (after === undefined) return [...before];
  return [...before, ...Array.from({ length: leading }, (_, i) => `.${leading - i}`), ...after];
}

function checkSizes(specification: string, operands: readonly Labelled[]): void {
  const sizes = new Map<string, number>();
  for (const { tensor, labels } of operands) {
    labels.forEach((label, i) => {
      const size = tensor.shape[i];
      const before = sizes.get(label) ?? size;
      if (before !== size && !(isLeading(label) && (before === 1 || size === 1))) {
        throw problem("shape", {
          where: `einsum ${specification}`,
          wanted: `one size for ${isLeading(label) ? "the leading axes" : label}`,
          got: operands.map((o) => o.tensor.shape),
          ...userLine(),
        });
      }
      if (before === 1 || !sizes.has(label)) sizes.set(label, size);
    });
  }
}

/** A label repeated in one operand: what lies off the diagonal is taken out, and the second axis summed away. */
function diagonal({ tensor, labels }: Labelled): Labelled {
  const second = labels.findIndex((label, i) => labels.indexOf(label) < i);
  if (second < 0) return { tensor, labels };
  const first = labels.indexOf(labels[second]);
  const size = tensor.shape[second];
  const shape = labels.map((_, i) => (i === first || i === second ? size : 1));
  const data = Uint8Array.from({ length: size * size }, (_, i) => Number(i % (size + 1) === 0));
  const kept = constant({ shape, dtype: "bool", data }).where(tensor, 0).sum(second);
  return diagonal({ tensor: kept, labels: labels.filter((_, i) => i !== second) });
}

/** Without the axes whose labels nothing needs any more. */
function summed({ tensor, labels }: Labelled, needed: ReadonlySet<string>): Labelled {
  const axes = labels.flatMap((label, i) => (needed.has(label) ? [] : [i]));
  return axes.length === 0
    ? { tensor, labels }
    : { tensor: tensor.sum(axes), labels: labels.filter((label) => needed.has(label)) };
}

function reordered(tensor: Tensor, labels: readonly string[], wanted: readonly string[]): Tensor {
  const order = wanted.map((label) => labels.indexOf(label));
  return order.every((at, i) => at === i) ? tensor : tensor.transpose(...order);
}

/** The product of two operands, summed over the labels they share and nothing else needs. */
function contract(a: Labelled, b: Labelled, needed: ReadonlySet<string>): Labelled {
  const left = summed(a, new Set([...needed, ...b.labels]));
  const right = summed(b, new Set([...needed, ...a.labels]));
  const shared = left.labels.filter((label) => right.labels.includes(label));
  const batch = shared.filter((label) => needed.has(label));
  const inner = shared.filter((label) => !needed.has(label));
  const rows = left.labels.filter((label) => !shared.includes(label));
  const columns = right.labels.filter((label) => !shared.includes(label));
  const labels = [...batch, ...rows, ...columns];
  if (inner.length === 0) {
    const x = reordered(left.tensor, left.labels, [...batch, ...rows]);
    const y = reordered(right.tensor, right.labels, [...batch, ...columns]);
    const apart = columns.reduce((t) => t.unsqueeze(-1), x);
    return { tensor: apart.mul(rows.reduce((t) => t.unsqueeze(batch.length), y)), labels };
  }
  // A product reads either factor transposed as fast as not, so that order is kept where it is already there.
  const transposeLeft = rows.length > 0 && starts(left.labels, [...batch, ...inner, ...rows]);
  const transposeRight = columns.length > 0 && starts(right.labels, [...batch, ...columns, ...inner]);
  const x = matrices(left, batch, transposeLeft ? [inner, rows] : [rows, inner]);
  const y = matrices(right, batch, transposeRight ? [columns, inner] : [inner, columns]);
  const product = x.matmul(y, { transposeLeft, transposeRight });
  const sizes = [
    ...product.shape.slice(0, batch.length),
    ...rows.map((label) => left.tensor.shape[left.labels.indexOf(label)]),
    ...columns.map((label) => right.tensor.shape[right.labels.indexOf(label)]),
  ];
  return { tensor: product.reshape(...sizes), labels };
}

const starts = (labels: readonly string[], wanted: readonly string[]): boolean =>
  labels.every((label, i) => label === wanted[i]);

/** [batch…, one axis, another]: each group of labels laid flat into one axis. */
function matrices(
  { tensor, labels }: Labelled,
  batch: readonly string[],
  groups: readonly (readonly string[])[],
): Tensor {
  const ordered = reordered(tensor, labels, [...batch, ...groups.flat()]);
  let at = batch.length;
  const flat = groups.map((group) => {
    const sizes = ordered.shape.slice(at, at + group.length);
    at += group.length;
    return sizes.includes(open) ? open : sizeOf(sizes);
  });
  return ordered.reshape(...ordered.shape.slice(0, batch.length), ...flat);
}
