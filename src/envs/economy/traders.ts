/** Ways to trade one asset: the classical ones, and the one that knows the future. */
import { problem } from "../../problems.ts";
import type { Space, Value } from "../../spaces/space.ts";
import type { Demonstrator } from "../demonstrator.ts";
import type { Environment } from "../environment.ts";

export type TradingStyle = "hold" | "momentum" | "dual-thrust";

const [returnAt, highAt, lowAt, differenceAt, heldAt] = [0, 1, 2, 7, 10];

/**
 * "hold": long all day; "momentum": long while the fast mean is above the slow one by `threshold` (10 basis points),
 * short (or flat) while below, else as before: MACD; "dual-thrust": goes with a break of `threshold` times the range of
 * the first 20 bars out of the opening price, as P140's demonstrations do over days. One asset.
 * @throws Problem "bad-option" for an unknown style, or a market of several assets
 */
export function trader(
  world: Pick<Environment, "observationSpace" | "actionSpace">,
  style: TradingStyle,
  { threshold = style === "momentum" ? 0.3 : 0.5 }: { readonly threshold?: number } = {},
): Demonstrator<Float32Array, Value> {
  const { observationSpace, actionSpace } = world;
  const refuse = (name: string, given: unknown, wanted: string) =>
    problem("bad-option", { where: "trader", name, given, wanted });
  if (!["hold", "momentum", "dual-thrust"].includes(style)) {
    throw refuse("style", style, '"hold", "momentum" or "dual-thrust"');
  }
  if (observationSpace.kind !== "box" || observationSpace.shape[0] !== 14) {
    throw refuse("world", observationSpace.kind, "a market of one asset");
  }
  const decide = (seen: Float32Array, memory: Float64Array): number => {
    if (style === "hold") return 1;
    if (style === "momentum") {
      const difference = seen[differenceAt];
      return difference > threshold ? 1 : difference < -threshold ? -1 : seen[heldAt];
    }
    // memory: bars seen, price against the open, highest and lowest in the first 20 bars (10 basis points)
    memory[0]++;
    memory[1] += memory[0] === 1 ? 0 : seen[returnAt];
    if (memory[0] <= 20) {
      memory[2] = Math.max(memory[2], memory[1] + seen[highAt]);
      memory[3] = Math.min(memory[3], memory[1] + seen[lowAt]);
      return 0;
    }
    const range = threshold * (memory[2] - memory[3]);
    return memory[1] > range ? 1 : memory[1] < -range ? -1 : seen[heldAt];
  };
  return {
    name: style,
    observationSpace,
    actionSpace,
    memorySize: 4,
    decide: (seen, memory) => asAction(actionSpace, decide(seen, memory)),
  };
}

/** A position of −1, 0 or 1 as the market takes it; where none may be short, −1 is flat. */
export function asAction(space: Space, position: number): Value {
  if (space.kind === "box") return Float32Array.of(position);
  if (space.kind === "discrete") return space.n === 2 ? Math.max(0, Math.round(position)) : Math.round(position) + 1;
  throw problem("bad-option", { where: "asAction", name: "space", given: space.kind, wanted: "one asset's actions" });
}

/**
 * The best positions for a day whose closes are known, each bar one of `choices`, starting flat: exact dynamic
 * programming over the future (P182's Q*, P140's hindsight expert). For training targets only.
 * @param closes [bars + 1]
 * @param cost basis points of what is traded
 * @returns [bars] positions, and their profit in basis points
 */
export function hindsight(
  closes: readonly number[],
  cost: number,
  choices: readonly number[] = [-1, 0, 1],
): { readonly positions: readonly number[]; readonly profit: number } {
  const bars = closes.length - 1;
  const best = new Int32Array(bars * choices.length);
  let value = new Float64Array(choices.length);
  const gain = (bar: number, to: number): number => choices[to] * (closes[bar + 1] / closes[bar] - 1) * 1e4;
  for (let bar = bars - 1; bar >= 0; bar--) {
    const now = new Float64Array(choices.length).fill(Number.NEGATIVE_INFINITY);
    for (const [from, held] of choices.entries()) {
      for (const [to, next] of choices.entries()) {
        const worth = gain(bar, to) - cost * Math.abs(next - held) + value[to];
        if (worth > now[from]) [now[from], best[bar * choices.length + from]] = [worth, to];
      }
    }
    value = now;
  }
  const positions: number[] = [];
  let held = choices.indexOf(0);
  if (held < 0)
    throw problem("bad-option", { where: "hindsight", name: "choices", given: choices, wanted: "flat (0) among them" });
  const profit = value[held];
  for (let bar = 0; bar < bars; bar++) {
    held = best[bar * choices.length + held];
    positions.push(choices[held]);
  }
  return { positions, profit };
}
