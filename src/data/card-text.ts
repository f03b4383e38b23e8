/** A card for a terminal: plain text, at most 100 columns. */
import type { Card, Summary } from "./card.ts";
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
    ...(card.extras.length > 0 ? [line("extras", card.extras.join(", "))] : []),
    line("from", provenance.lineage.join(" → ")),
    line("fingerprint", provenance.fingerprint),
    ...(provenance.license ? [line("license", provenance.license)] : []),
    ...card.warnings.map((warning) => line("beware", warning)),
  ];
  return `${lines.map((text) => text.trimEnd()).join("\n")}\n`;
}
