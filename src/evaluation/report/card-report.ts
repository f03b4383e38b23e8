/** The card of a recording as a report: the numbers first, then pictures of them, then where they come from. */
import type { Card, CardMeasures, CardPictures } from "../../data/index.ts";
import { version } from "../../version.ts";
import { number } from "./numbers.ts";
import type { Block, Report } from "./schema.ts";

export interface CardReportOptions {
  /** What the recording is called, e.g. its file. */
  readonly name: string;
  /** How the card is made again. */
  readonly command: string;
}

/** @example reportHtml(cardReport(card(t), cardPictures(t, card(t)), { name: "play.parquet", command: "repertoire card play.parquet" })) */
export function cardReport(card: Card, pictures: CardPictures, { name, command }: CardReportOptions): Report {
  const { environment, fingerprint } = card.provenance;
  const size =
    card.kind === "decisions"
      ? `${number(card.rows)} decisions`
      : `${number(card.episodes)} episodes, ${number(card.rows)} steps`;
  const sections = [
    { title: "What is in it", blocks: contents(card, pictures) },
    { title: "Where it went", blocks: density(card, pictures) },
    { title: "What was done", blocks: actions(card) },
    ...(card.measures === null
      ? []
      : [{ title: "What can be learned from it", blocks: measures(card, card.measures) }]),
    ...(card.measures?.sources ? [{ title: "Who recorded it", blocks: sources(card.measures) }] : []),
    { title: "Provenance", blocks: provenance(card) },
  ].filter(({ blocks }) => blocks.length > 0);
  const found = card.warnings;
  const listed =
    found.length < 2 ? [] : [{ title: "What to beware of", blocks: [{ kind: "list" as const, items: found }] }];
  return {
    title: name,
    subtitle: `${size}${environment === "" ? "" : ` in ${environment}`}`,
    verdict: {
      status: found.length === 0 ? "information" : "collect more",
      label:
        found.length === 0
          ? "Nothing to beware of"
          : found.length === 1
            ? "One thing to beware of"
            : `${found.length} things to beware of`,
      sentence: found[0] ?? "None of the usual faults of recordings was found.",
    },
    sections: [...listed, ...sections],
    provenance: { command, fingerprints: { recording: fingerprint }, versions: { repertoire: version } },
  };
}

function contents(card: Card, pictures: CardPictures): Block[] {
  const what = card.kind === "decisions" ? "reward" : "return";
  const rows = [
    [card.kind === "decisions" ? "Context" : "Observation", card.observations],
    ["Action", card.actions],
    ...(card.kind === "decisions"
      ? []
      : [["Ends", `${number(card.terminated, "percent")} terminated, ${number(card.truncated, "percent")} truncated`]]),
    ["Further columns", card.extras.join(", ") || "none"],
    ["Repeated rows", number(card.duplicates)],
    ...(card.kind === "decisions" ? [] : [["Repeated episodes", number(card.duplicateEpisodes)]]),
    ["Numbers", "all finite: a recording with any other is refused when it is read"],
    ...(card.overlap ? [["Shared with the test recording", `${card.overlap.shared} of ${card.overlap.of}`]] : []),
  ];
  const summaries = [
    ...(card.returns ? [[what === "return" ? "Return" : "Reward", card.returns] as const] : []),
    ...(card.lengths ? [["Length", card.lengths] as const] : []),
    ...(card.propensities ? [["Propensity", card.propensities] as const] : []),
  ];
  const labels = ["", "Mean", "Spread", "Least", "Quarter", "Median", "Three quarters", "Greatest"];
  const values = pictures.returns.filter((series) => series.values.length > 0);
  const weighting = card.propensities
    ? `Weighting by 1/propensity keeps ${number(card.propensities.effectiveShare, "percent")} of the sample.`
    : undefined;
  return [
    { kind: "table", caption: "What each step holds", columns: [{ label: "" }, { label: "" }], rows },
    ...(summaries.length === 0
      ? []
      : [
          {
            kind: "table" as const,
            caption: "Quantities",
            columns: labels.map((label) => ({ label })),
            rows: summaries.map(([label, s]) => [label, s.mean, s.std, s.min, s.q25, s.median, s.q75, s.max]),
          },
        ]),
    ...(weighting === undefined ? [] : [{ kind: "paragraph" as const, text: weighting }]),
    ...(values.length === 0
      ? []
      : [
          {
            kind: "histograms" as const,
            caption: `The ${what} of ${card.kind === "decisions" ? "each decision" : "each episode"}${values.length > 1 ? ", as shares of each source" : ""}.`,
            x: { label: what },
            series: values,
          },
        ]),
  ];
}

function density(card: Card, { density: found }: CardPictures): Block[] {
  if (found === null) return [];
  const { x, y, counts, rows } = found;
  const principal = x.label.startsWith("direction");
  const pairs = card.kind === "decisions" ? "contexts and choices" : "states and actions";
  const caption = `Where ${number(rows)} ${pairs} lie${principal ? ", on the two directions in which they vary most" : ""}. Empty places are what a policy learned from this cannot know.`;
  return [{ kind: "density", caption, x, y, counts }];
}

function actions({ coverage, kind }: Card): Block[] {
  if (coverage.kind === "choices") {
    const ranked = coverage.counts.toSorted((a, b) => b.rows - a.rows).slice(0, 24);
    const rest = coverage.counts.length - ranked.length;
    const { enough, share } = coverage.support;
    const caption = `How often each action was chosen${rest > 0 ? `, the ${ranked.length} most frequent of ${coverage.counts.length}` : ""}. ${number(share, "percent")} of them have at least ${enough} rows.`;
    if (ranked.length === 0) return [];
    return [
      {
        kind: "bars",
        caption,
        x: { label: kind === "decisions" ? "share of decisions" : "share of steps", format: "percent" },
        series: [{ name: "share", values: ranked.map((c) => ({ label: c.name, value: c.share })) }],
      },
    ];
  }
  const rows = coverage.dimensions.map((d, i) => [`action ${i}`, d.low, d.high, d.mean, d.std, d.atBounds]);
  const columns = ["", "Low", "High", "Mean", "Spread"].map((label) => ({ label }));
  return [
    {
      kind: "table",
      caption: "Each number of an action, between its bounds",
      columns: [...columns, { label: "Rows at a bound", format: "percent" }],
      rows,
    },
  ];
}

function measures(card: Card, m: CardMeasures): Block[] {
  const { quality, stateActionCoverage: covered } = m;
  const from = {
    given: "chance and the best policy",
    reference: "the lowest and highest return of the reference",
    recording: "the lowest and highest return in it",
  };
  const rows: (readonly (string | number | null)[])[] = [];
  if (quality) {
    const scale = `0 and 1 are ${from[quality.scale]}: ${number(quality.random)} and ${number(quality.best)}`;
    rows.push(["Quality (TQ)", quality.value, null, scale]);
  }
  if (covered) {
    const pairs = `${number(covered.pairs)} distinct pairs of state and action${covered.exact ? "" : ", to 0.4%"}`;
    rows.push([
      "Coverage (SACo)",
      covered.value,
      null,
      covered.value === null ? `${pairs}; a share needs a reference` : pairs,
    ]);
  }
  rows.push([
    "Positive-sided variance",
    m.positiveSidedVariance,
    null,
    "of returns above what their starts promise: what weighting can gain",
  ]);
  const local = [
    [
      "Action variance",
      m.actionVariance,
      "among the nearest states: how inconsistent behaviour is; lower is easier to imitate",
    ],
    ["State similarity", m.stateSimilarity, "share of states near a state: how often it goes through the same places"],
    ["Transition diversity", m.transitionDiversity, "variance of what follows one action in one place"],
  ] as const;
  for (const [label, of, meaning] of local) rows.push([label, of?.value ?? null, of?.relative ?? null, meaning]);
  if (m.behaviourEntropy !== null)
    rows.push(["Behaviour entropy", m.behaviourEntropy, null, "over the successes: 0 is one way, 1 all ways alike"]);
  if (card.lengths)
    rows.push(["Horizon", card.lengths.mean, null, "steps of an episode: small errors add up over them"]);
  const relative = rows.some(([, , share]) => share !== null);
  const columns = ["", "Value", ...(relative ? ["Of the reference"] : []), "What it says"];
  return [
    {
      kind: "table",
      caption: "Published measures of a recording",
      columns: columns.map((label) => ({ label })),
      rows: rows.map(([label, value, share, meaning]) => [label, value, ...(relative ? [share] : []), meaning]),
    },
    ...(m.missing.length > 0 ? [{ kind: "list" as const, items: m.missing }] : []),
  ];
}

function sources({ sources: found, operators }: CardMeasures): Block[] {
  if (found === null) return [];
  // A legend has room for a few names; more stand beside their points.
  const few = found.values.length <= 6;
  const points = found.values.flatMap(({ value, quality, coverage }) =>
    quality === null || coverage === null
      ? []
      : [{ x: coverage, y: quality, ...(few ? { series: value } : { label: value }) }],
  );
  const columns = ["", "Tier", "Score", "Episodes", "Mean return", "Success", "Steps", "Action variance", "Regularity"];
  return [
    ...(points.length === 0
      ? []
      : [
          {
            kind: "plane" as const,
            caption: `Each ${found.tag} by how well it did and how much of the states and actions it went through. Imitation wants the top; methods that improve on what they saw want the right as well.`,
            x: { label: "coverage (SACo)" },
            y: { label: "quality (TQ)" },
            points,
          },
        ]),
    ...(operators.length === 0
      ? []
      : [
          {
            kind: "table" as const,
            caption: `Tiers of each ${found.tag}: the score is the share of the others it does better than`,
            columns: columns.map((label) => (label === "Success" ? { label, format: "percent" as const } : { label })),
            rows: operators.map((o) => [
              o.operator,
              o.tier,
              o.score,
              o.episodes,
              o.meanReturn,
              o.success,
              o.success === null ? null : o.length,
              o.actionVariance,
              o.regularity,
            ]),
          },
        ]),
  ];
}

function provenance({ provenance: { lineage, license, environment } }: Card): Block[] {
  const rows = [
    ["Licence", license ?? "not said"],
    ["Environment", environment || "not said"],
    ...lineage.map((line, i) => [i === 0 ? "Lineage" : "", line.length > 300 ? `${line.slice(0, 299)}…` : line]),
  ];
  return [{ kind: "table", caption: "Where it comes from", columns: [{ label: "" }, { label: "" }], rows }];
}
