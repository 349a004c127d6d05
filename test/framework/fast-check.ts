import fc from "fast-check";

/**
 * Tests of random inputs have the same ones each time, so that what passed here passes elsewhere; `PACIFIC_FUZZ_SEED` gives
 * others.
 */
fc.configureGlobal({ seed: Number(process.env.PACIFIC_FUZZ_SEED ?? 1) });

export default fc;
