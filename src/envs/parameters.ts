/** What of a world may be changed: for domain randomisation between episodes, or by an adversary between steps. */
import { problem } from "../problems.ts";

/** A physical or probabilistic constant of a world. */
export interface Parameter {
  /** What it is unless changed. */
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** One phrase with the unit: "gravity, m/s²". */
  readonly about: string;
}

export type Parameters = { readonly [name: string]: Parameter };
/** Present values, by the names of the parameters. */
export type ParameterValues<P extends Parameters = Parameters> = { readonly [K in keyof P]: number };

export const parameter = (value: number, low: number, high: number, about: string): Parameter => ({
  value,
  low,
  high,
  about,
});

/** Every parameter at its own value. */
export const ownValues = <P extends Parameters>(parameters: P): ParameterValues<P> =>
  Object.fromEntries(Object.entries(parameters).map(([name, { value }]) => [name, value])) as ParameterValues<P>;

/** Those values that are not a world's own. */
export const changedFrom = <P extends Parameters>(
  own: ParameterValues<P>,
  now: ParameterValues<P>,
): { readonly [name: string]: number } =>
  Object.fromEntries(Object.entries<number>(now).filter(([name, value]) => value !== own[name]));

/**
 * The values with some changed.
 * @throws Problem "unknown-option" for a parameter it does not have, "bad-option" for a value outside its range
 */
export function perturbed<P extends Parameters>(
  where: string,
  parameters: P,
  now: ParameterValues<P>,
  changes: { readonly [name: string]: number },
): ParameterValues<P> {
  for (const [name, given] of Object.entries(changes)) {
    const known = parameters[name];
    if (known === undefined) throw problem("unknown-option", { where, name, known: Object.keys(parameters) });
    if (!(given >= known.low && given <= known.high)) {
      throw problem("bad-option", { where, name, given, wanted: `${known.about}, from ${known.low} to ${known.high}` });
    }
  }
  return { ...now, ...changes };
}

/**
 * The parameters with other own values: for worlds whose options are their parameters.
 * @throws Problem "bad-option" for a value outside its range
 */
export const withValues = <P extends Parameters>(
  where: string,
  parameters: P,
  given: { readonly [name: string]: unknown },
): P =>
  Object.fromEntries(
    Object.entries(parameters).map(([name, known]) => {
      const { [name]: value = known.value } = given;
      if (!(typeof value === "number" && value >= known.low && value <= known.high)) {
        const wanted = `${known.about}, from ${known.low} to ${known.high}`;
        throw problem("bad-option", { where, name, given: value, wanted });
      }
      return [name, { ...known, value }];
    }),
  ) as P;
