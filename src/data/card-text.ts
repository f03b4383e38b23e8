/** A card for a terminal: plain text, at most 100 columns. */
import type { Card } from "./card-schema.ts";
import type { Summary } from "./summaries.ts";
import { percent } from "./warnings.ts";

const short = (value: number): string => {
  if (Number.isInteger(value) && Math.abs(value) < 1e9) return value.toLocaleString("en");
  return Math.abs(value) >= 1e6 || (value !== 0 && Math.abs(value) < 1e-3)
    ? value.toExponential(2)
    : `${Number(value.toPrecision(4))}`;
};

const bar = (share: number, most: number, width = 24): string =>
  "█".repeat(most > 0 ? Math.round((share / most) * width) : 0).padEnd(width);

const spread = (s: Summary): string =>
  `mean ${short(s.mean)} ± ${short(s.std)}, min ${short(s.min)}, quartiles ${short(s.q25)} / ${short(s.median)} / ${short(s.q75)}, max ${short(s.max)}`;

const line = (name: string, text: string): string => `${name.padEnd(14)}${text}`;

const cut = (text: string, width: number): string => (text.length > width ? `${text.slice(0, width - 1)}…` : text);

const most = 12;

function coverage(card: Card): string[] {
  const { coverage } = card;
  if (coverage.kind === "dimensions") {
    const ticks = "▁▂▃▄▅▆▇█";
    return coverage.dimensions.slice(0, most).map((d, i) => {
      const top = Math.max(1, ...d.histogram);
      const shape = d.histogram.map((n) => (n === 0 ? "·" : ticks[Math.ceil((n / top) * 8) - 1])).join("");
      return line(
        i === 0 ? "action" : "",
        `${i}: ${short(d.low)} ${shape} ${short(d.high)}, at bounds ${percent(d.atBounds)}`,
      );
    });
  }
  const ranked = [...coverage.counts].sort((a, b) => b.rows - a.rows);
  const top = ranked[0]?.share ?? 0;
  const lines = ranked
    .slice(0, most)
    .map(({ name, share, meanReward }, i) =>
      line(
        i === 0 ? "action" : "",
        `${cut(name, 16).padEnd(16)} ${bar(share, top)} ${percent(share).padStart(7)}  reward ${meanReward === null ? "–" : short(meanReward)}`,
      ),
    );
  if (ranked.length > most) lines.push(line("", `… ${ranked.length - most} more`));
  const { support } = coverage;
  return [...lines, line("support", `${percent(support.share)} of actions have at least ${support.enough} rows`)];
}

function tags(card: Card): string[] {
  return Object.entries(card.tags).flatMap(([name, values]) =>
    values
      .slice(0, most)
      .map(({ value, episodes, meanReturn }, i) =>
        line(
          i === 0 ? "tag" : "",
          `${cut(i === 0 ? name : "", 12).padEnd(12)} ${cut(value, 20).padEnd(20)} ${short(episodes).padStart(7)}  mean return ${short(meanReturn)}`,
        ),
      ),
  );
}

const scales = { given: "", reference: " of the reference", recording: " of the recording" } as const;

function measures({ measures: m }: Card): string[] {
  if (m === null) return [];
  const { quality, stateActionCoverage: covered, positiveSidedVariance: variance, sources } = m;
  const lines: string[] = [];
  if (quality !== null && quality.value !== null) {
    const ends =
      quality.scale === "given" ? ["chance", "the best"] : ["the lowest", `the highest return${scales[quality.scale]}`];
    const { random, best } = quality;
    lines.push(
      line(
        "quality",
        `TQ ${short(quality.value)}, where 0 is ${ends[0]} (${short(random)}) and 1 ${ends[1]} (${short(best)})`,
      ),
    );
  }
  if (covered !== null) {
    const pairs = `${short(covered.pairs)}${covered.exact ? "" : " (± 0.4 %)"} distinct pairs of state and action`;
    const against =
      covered.value === null ? "; SACo needs a reference" : `; SACo ${short(covered.value)} of the reference's`;
    lines.push(line("coverage", pairs + against));
  }
  if (variance !== null) {
    lines.push(
      line("gain", `positive-sided variance of returns ${short(variance)}: what weighting by advantage can use`),
    );
  }
  const local = (name: string, of: typeof m.actionVariance): string[] =>
    of === null
      ? []
      : [`${name} ${short(of.value)}${of.relative === null ? "" : ` (${short(of.relative)} × reference)`}`];
  const near = [
    ...local("action variance", m.actionVariance),
    ...local("state similarity", m.stateSimilarity),
    ...local("transition diversity", m.transitionDiversity),
  ];
  if (near.length > 0) lines.push(line("near a state", near.join(", ")));
  if (m.behaviourEntropy !== null)
    lines.push(line("behaviours", `entropy over successes ${short(m.behaviourEntropy)} of 1`));
  sources?.values.slice(0, most).forEach(({ value, quality, coverage }, i) => {
    const who = m.operators.find(({ operator }) => operator === value);
    const parts = [
      `quality ${quality === null ? "–" : short(quality)}`,
      `coverage ${coverage === null ? "–" : short(coverage)}`,
      ...(who ? [`${who.tier} (${short(who.score)})`] : []),
    ];
    lines.push(
      line(
        i === 0 ? "source" : "",
        `${cut(i === 0 ? sources.tag : "", 12).padEnd(12)} ${cut(value, 20).padEnd(20)} ${parts.join(", ")}`,
      ),
    );
  });
  return [...lines, ...m.missing.map((sentence) => line("not measured", sentence))];
}

/** The card as lines to print. */
export function cardText(card: Card): string {
  const { provenance, returns, lengths, propensities } = card;
  const decisions = card.kind === "decisions";
  const size = decisions
    ? `${short(card.rows)} decisions`
    : `${short(card.episodes)} episodes, ${short(card.rows)} steps`;
  const lines = [
    line(
      decisions ? "decision log" : "trajectories",
      `${size}${provenance.environment ? ` in ${provenance.environment}` : ""}`,
    ),
    line(decisions ? "context" : "observation", cut(card.observations, 86)),
    line("actions", cut(card.actions, 86)),
    ...(returns ? [line(decisions ? "reward" : "return", spread(returns))] : []),
    ...(lengths ? [line("length", spread(lengths))] : []),
    ...(decisions
      ? []
      : [line("ends", `${percent(card.terminated)} terminated, ${percent(card.truncated)} truncated`)]),
    ...(propensities
      ? [
          line("propensity", spread(propensities)),
          line("", `weighting by 1/propensity keeps ${percent(propensities.effectiveShare)} of the sample`),
        ]
      : []),
    ...coverage(card),
    ...tags(card),
    ...measures(card),
    line("numbers", "all finite: a recording with any other is refused when it is read"),
    ...(card.extras.length > 0 ? [line("extras", card.extras.join(", "))] : []),
    line("from", provenance.lineage.join(" → ")),
    line("fingerprint", provenance.fingerprint),
    ...(provenance.license ? [line("license", provenance.license)] : []),
    ...card.warnings.map((warning) => line("beware", warning)),
  ];
  return `${lines.map((text) => text.trimEnd()).join("\n")}\n`;
}
