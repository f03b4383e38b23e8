/** A person's session as numbers in a state: what an item that is shown does, a step, and the time between sessions. */
import type { Generator } from "../../tensor/random.ts";
import { type ParameterValues, parameter } from "../parameters.ts";
import { appeal, type Response, respond, topics } from "./users.ts";

/** As options of `make` they set the world's own values. */
export const recommenderParameters = {
  attraction: parameter(0, -5, 5, "log-odds of a click on a middling item"),
  novelty: parameter(1, 0, 5, "weight of novelty, which some seek and some avoid"),
  trait: parameter(1, 0, 3, "spread of the lasting liking of novelty, as a multiple of −1 to 1"),
  mood: parameter(0.5, 0, 3, "standard deviation of the session's own liking of novelty"),
  growth: parameter(
    0.6,
    0,
    3,
    "growth of interest in a topic by accepting what is new of it, from the next session on",
  ),
  satiation: parameter(0.7, 0, 5, "loss of appeal of a topic by watching something of it"),
  fatigue: parameter(0.02, 0, 0.5, "loss of all appeal by each step of a session"),
  leaving: parameter(0.06, 0.001, 0.5, "chance of leaving after a step that pleased a little"),
  churn: parameter(0.08, 0, 1, "chance of never coming back after a session that did not please"),
};

type Present = ParameterValues<typeof recommenderParameters>;

/** What is left of satiation after a step. */
const forget = 0.9;

// state: numbers by themselves, then by topic (interests, growth to come, satiation, shown, accepted), then candidates
export const own = 20;
export const at = {
  user: 0, session: 1, step: 2, mood: 3, fatigue: 4, trait: 5, pleased: 6, over: 7, gap: 8, shown: 9, left: 10,
  click: 11, watch: 12, like: 13, follow: 14, share: 15, hate: 16, novelty: 17, want: 18, watched: 19,
} as const; // biome-ignore format: numbers in a row
export const lists = {
  interest: own,
  growing: own + topics,
  satiation: own + 2 * topics,
  shown: own + 3 * topics,
  accepted: own + 4 * topics,
} as const;
export const itemsAt = own + 5 * topics;

/** What the platform knows of a candidate, each number about 0 and within a few ones. */
export function ranked(state: Float64Array, item: number, into: Float64Array): void {
  const topic = state[item];
  const shown = state[lists.shown + topic];
  into[0] = 2 * ((state[lists.accepted + topic] + 1) / (shown + 2) - 0.5);
  into[1] = (Math.log(state[item + 1]) - 1) / 0.7;
  into[2] = 2 * state[item + 2] - 1;
  into[3] = 2 * state[item + 3] - 1;
  into[4] = 2 * noveltyOf(shown) - 1;
}

const noveltyOf = (shown: number): number => Math.exp(-shown / 3);

/** Shows one item; returns 1 when it is taken. */
export function show(state: Float64Array, item: number, random: Generator, p: Present): number {
  const topic = state[item];
  const novelty = noveltyOf(state[lists.shown + topic]);
  const situation = {
    interest: state[lists.interest + topic],
    length: state[item + 1],
    quality: state[item + 2],
    novelty,
    seeking: state[at.trait] + state[at.mood],
    satiation: state[lists.satiation + topic],
    fatigue: state[at.fatigue],
  };
  const want = appeal(situation, p.attraction, p.novelty);
  const response = respond(want, situation, random);
  state[at.shown] = topic;
  state[at.novelty] = novelty;
  state[at.want] = want;
  for (const key of ["click", "watch", "like", "follow", "share", "hate"] as const) state[at[key]] = response[key];
  state[at.watched] = response.watch / situation.length;
  state[lists.shown + topic]++;
  if (response.click === 1) {
    state[lists.accepted + topic]++;
    state[lists.satiation + topic] += p.satiation;
    state[lists.growing + topic] += p.growth * novelty;
  }
  return response.click;
}

/** Time passes within the session: satiation fades, fatigue grows, the mood wanders, and the user may leave. */
export function afterStep(state: Float64Array, taken: boolean, random: Generator, p: Present): void {
  for (let topic = 0; topic < topics; topic++) state[lists.satiation + topic] *= forget;
  state[at.fatigue] += p.fatigue;
  state[at.mood] = 0.97 * state[at.mood] + Math.sqrt(1 - 0.97 ** 2) * p.mood * random.normal();
  state[at.step]++;
  const pleasure = taken ? state[at.watched] : 0;
  state[at.pleased] += (pleasure - state[at.pleased]) / state[at.step];
  const odds = (p.leaving / (1 - p.leaving)) * Math.exp(1.5 * (0.3 - pleasure) + 3 * state[at.hate]);
  state[at.left] = Number(random.uniform() < odds / (1 + odds));
}

/** The user goes, and comes back after some days, sooner the better it was; or never. */
export function endSession(state: Float64Array, sessions: number, random: Generator, p: Present): void {
  const pleased = state[at.pleased];
  state[at.session]++;
  const gone = random.uniform() < p.churn * (1 - pleased) ** 2;
  state[at.gap] = (-Math.log(1 - random.uniform()) * 2) / (0.2 + 2 * pleased);
  if (gone || state[at.session] >= sessions) state[at.over] = 1;
  state[at.step] = 0;
  state[at.fatigue] = 0;
  state[at.pleased] = 0;
  state[at.mood] = p.mood * random.normal();
  for (let topic = 0; topic < topics; topic++) {
    state[lists.satiation + topic] *= Math.exp(-state[at.gap]);
    state[lists.interest + topic] += state[lists.growing + topic];
    state[lists.growing + topic] = 0;
  }
}

export function sumOf(state: Float64Array, from: number): number {
  let sum = 0;
  for (let topic = 0; topic < topics; topic++) sum += state[from + topic];
  return sum;
}

export const responsesOf = (state: Float64Array): Response => ({
  click: state[at.click],
  watch: state[at.watch],
  like: state[at.like],
  follow: state[at.follow],
  share: state[at.share],
  hate: state[at.hate],
});
