/** The people to whom things are recommended, and how they respond. Each is a function of the world and their number. */
import { fold, type Generator, generator, randomKey } from "../../tensor/random.ts";

export const topics = 20;
export const tasteSize = 4;
/** What a candidate is, in a state: topic, minutes, quality, popularity. */
export const itemSize = 4;

export interface RecommenderWorld {
  /** [topics × tasteSize] what topics are about */
  readonly about: Float64Array;
  /** Writes what user `number` likes [topics], and returns how they take to novelty in general, from −1 to 1. */
  meet(number: number, interests: Float64Array): number;
}

export function recommenderWorld(number: number): RecommenderWorld {
  const key = fold(randomKey(number), "recommender");
  const random = generator(fold(key, "topics"));
  const about = Float64Array.from({ length: topics * tasteSize }, () => random.normal());
  return {
    about,
    meet(user, interests) {
      const own = generator(fold(key, "user", user));
      const taste = Array.from({ length: tasteSize }, () => own.normal());
      for (let topic = 0; topic < topics; topic++) {
        interests[topic] = 0;
        for (let i = 0; i < tasteSize; i++) interests[topic] += 0.5 * taste[i] * about[topic * tasteSize + i];
      }
      return own.between(-1, 1);
    },
  };
}

/** Writes a new item: a topic, some minutes, how good it is and how popular (which says something of the former). */
export function makeItem(state: Float64Array, at: number, random: Generator): void {
  state[at] = random.integer(topics);
  state[at + 1] = Math.min(15, Math.max(0.3, Math.exp(1 + 0.7 * random.normal())));
  state[at + 2] = random.uniform();
  state[at + 3] = 0.6 * state[at + 2] + 0.4 * random.uniform();
}

/** What moves a user before an item. */
export interface Situation {
  readonly interest: number;
  readonly quality: number;
  /** In minutes. */
  readonly length: number;
  /** 1: never shown its topic; falls towards 0 with each time. */
  readonly novelty: number;
  /** Liking of novelty now: the trait and the session's. */
  readonly seeking: number;
  readonly satiation: number;
  readonly fatigue: number;
}

export interface Response {
  readonly click: number;
  /** Minutes. */
  readonly watch: number;
  readonly like: number;
  readonly follow: number;
  readonly share: number;
  readonly hate: number;
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

/** How much a user wants an item: the log-odds of a click. */
export const appeal = (s: Situation, attraction: number, noveltyWeight: number): number =>
  attraction + s.interest + (s.quality - 0.5) + noveltyWeight * s.seeking * s.novelty - s.satiation - s.fatigue;

/** What a user does with an item of some appeal. Long ones are watched for longer, and seldom shared. */
export function respond(want: number, { length }: Situation, random: Generator): Response {
  const click = Number(random.uniform() < logistic(want));
  const watched = click * logistic(0.8 * want + 0.5 + 0.6 * random.normal());
  const happens = (odds: number, needsClick = 1): number =>
    Number(random.uniform() < logistic(odds) * (needsClick === 1 ? click : 1));
  return {
    click,
    watch: watched * length,
    like: happens(-4.4 + 0.9 * want),
    follow: happens(-5.1 + 0.9 * want),
    share: happens(-3.1 + 0.8 * want - 0.4 * length),
    hate: happens(-6 - 0.8 * want, 0),
  };
}
