/** A run that begins with what another learned. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fold, randomKey } from "../tensor/index.ts";
import { bc } from "./demonstrations/bc.ts";
import { bet } from "./demonstrations/bet.ts";
import { experienceFor } from "./experience.ts";
import { resolveOptions } from "./options.ts";
import { changed, flat, recordingsFor } from "./testing.ts";
import { train } from "./train.ts";
import { initialState, stateFrom } from "./training.ts";

const recording = recordingsFor(bet)[0];
const options = { bins: 4, fitting: 5, hidden: [8], batchSize: 16, steps: 16 };

test("it begins with everything learned, and with optimisers of its own", async () => {
  const { state } = await train(bet, recording, { options });
  const resolved = resolveOptions("bet", bet.options, options) as { readonly [name: string]: unknown };
  const { sizes } = experienceFor(bet, resolved, recording);
  const setup = { algorithm: bet, options: resolved, sizes, key: fold(randomKey(1), "bet") };
  const begun = await stateFrom(setup, state);
  const isOptimisers = (path: string) => /policy\/(memory|step)/.test(path);
  const fromLearned = changed(begun, state);
  const fromFresh = changed(begun, await initialState(setup));
  const paths = flat(begun).map(([path]) => path);
  assert.deepEqual(
    fromLearned.filter((path) => !isOptimisers(path)),
    [],
  );
  assert.deepEqual(fromFresh.toSorted(), paths.filter((path) => !isOptimisers(path)).sort());
});

test("a run from a state goes elsewhere than one without, and resumes only as the same", async () => {
  const { state } = await train(bc, recording, { options: { hidden: [8], batchSize: 16, steps: 16 } });
  const folder = await mkdtemp(join(tmpdir(), "repertoire-"));
  const given = { options: { hidden: [8], batchSize: 16, steps: 8 }, seed: 3 };
  try {
    const warm = await train(bc, recording, { ...given, from: state, folder });
    assert.ok(changed(warm.state, (await train(bc, recording, given)).state).length > 0);
    assert.deepEqual(changed(warm.state, (await train(bc, recording, { ...given, from: state, folder })).state), []);
    await assert.rejects(train(bc, recording, { ...given, folder }), /holds another run: its from/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("a state of other networks is refused in a sentence", async () => {
  const { state } = await train(bc, recording, { options: { hidden: [8], batchSize: 16, steps: 8 } });
  await assert.rejects(
    train(bc, recording, { options: { hidden: [9], steps: 8 }, from: state }),
    /bc, from: the leaf.*wanted/,
  );
  await assert.rejects(train(bet, recording, { options, from: state }), /bet, from: .*same method/);
});
