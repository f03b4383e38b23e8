/** Logged decisions in; a better policy out, with an interval on how much better, and whether to ship it. */
import { improve } from "repertoire/algorithms";
import { decisionLog } from "repertoire/data";
import { generator, randomKey } from "repertoire/tensor";

// A shop showed one of three offers at random; who buys which depends on age and on how long they have been a customer.
const random = generator(randomKey(1));
const visitors = Array.from({ length: 6000 }, () => [random.normal(), random.normal()]);
const shown = visitors.map(() => random.choice([0.5, 0.3, 0.2]));
const chance = ([age, loyalty]: number[], offer: number) => 0.1 + [0.2 * age, 0.2 * loyalty, 0.05][offer];
const bought = visitors.map((visitor, i) => (random.uniform() < chance(visitor, shown[i]) ? 1 : 0));

const log = decisionLog({
  context: visitors,
  contextNames: ["age", "loyalty"],
  actions: { count: 3, names: ["new in", "member price", "free delivery"] },
  action: shown,
  propensity: shown.map((offer) => [0.5, 0.3, 0.2][offer]),
  reward: bought,
});

const found = await improve(log, { folder: "runs/examples/shop" });
if (!found.interrupted) {
  console.log(`${found.decision.verdict}: ${found.decision.why}`);
  console.log(`policy ${found.files.policy}, report ${found.files.report}`);
}
