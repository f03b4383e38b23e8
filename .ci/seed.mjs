/** The same random examples at every run, so that a red build means a changed program. FAST_CHECK_SEED=… explores others. */
import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env.FAST_CHECK_SEED ?? 20261120) });
