/**
 * Payments and the providers that may process them (P035: contextual bandits in payment processing, arXiv 2412.00569).
 * Every request and every chance is a pure function of the world's number and the request's.
 */
import { fold, generator, randomKey } from "../../tensor/random.ts";

export const cards = ["credit", "debit", "prepaid"] as const;
const countries = ["NL", "DE", "FR", "GB", "US", "BR"] as const;
/** What is seen of a request, in order. */
export const contextNames = [
  ...cards.map((card) => `card=${card}`),
  ...countries.map((country) => `country=${country}`),
  "amount", "hour sine", "hour cosine", "returning customer", "subscription",
] as const; // biome-ignore format: one line a kind
export const contextSize = contextNames.length;

export interface PaymentRequest {
  readonly index: number;
  /** [contextSize]: one-hot card and country, log amount about 0 with spread 1, time of day, flags 0 or 1 */
  readonly context: Float64Array;
  /** [providers] 1 where a provider can take it; at least two can */
  readonly available: Uint8Array;
}

export interface PaymentWorld {
  readonly providers: number;
  request(index: number, availability: number): PaymentRequest;
  /**
   * [providers] chance of approval of a request, `drift` and `curvature` as parameters say; the numbers of those that
   * are not available mean nothing.
   */
  chances(request: PaymentRequest, drift: number, curvature: number): Float64Array;
}

const aDay = 2000;
const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

/** A world by its number: the same one always has the same providers and requests. */
export function paymentWorld(number: number, providers: number): PaymentWorld {
  const key = fold(randomKey(number), "payments");
  const made = Array.from({ length: providers }, (_, provider) => {
    const random = generator(fold(key, "provider", provider));
    return {
      base: 1.75 + 0.35 * random.normal(),
      weights: Float64Array.from({ length: contextSize }, () => 0.5 * random.normal()),
      // Pairs of what is seen, which a model that is linear in the context cannot represent.
      pairs: Float64Array.from({ length: contextSize * contextSize }, () => 0.35 * random.normal()),
      period: 15_000 + 25_000 * random.uniform(),
      phase: 2 * Math.PI * random.uniform(),
    };
  });
  return {
    providers,
    request(index, availability) {
      const random = generator(fold(key, "request", index));
      const context = new Float64Array(contextSize);
      context[random.choice([0.5, 0.4, 0.1])] = 1;
      context[cards.length + random.choice([0.3, 0.2, 0.15, 0.15, 0.12, 0.08])] = 1;
      const hour = (2 * Math.PI * (index % aDay)) / aDay;
      const at = cards.length + countries.length;
      context[at] = random.normal();
      context[at + 1] = Math.sin(hour);
      context[at + 2] = Math.cos(hour);
      context[at + 3] = Number(random.uniform() < 0.6);
      context[at + 4] = Number(random.uniform() < 0.25);
      const available = Uint8Array.from({ length: providers }, () => Number(random.uniform() < availability));
      for (let taken = available.reduce((sum, one) => sum + one, 0); taken < Math.min(2, providers); ) {
        const more = random.integer(providers);
        taken += 1 - available[more];
        available[more] = 1;
      }
      return { index, context, available };
    },
    chances({ index, context }, drift, curvature) {
      return Float64Array.from(made, ({ base, weights, pairs, period, phase }) => {
        let logit = base + drift * Math.sin((2 * Math.PI * index) / period + phase);
        for (let i = 0; i < contextSize; i++) {
          if (context[i] === 0) continue;
          logit += weights[i] * context[i];
          for (let j = 0; j < i; j++) logit += curvature * pairs[i * contextSize + j] * context[i] * context[j];
        }
        return logistic(logit);
      });
    },
  };
}
