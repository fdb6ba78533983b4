import fc from "fast-check";

// Unset, as for whoever runs the tests by hand, each run draws its own; a failure prints its seed.
const seed = process.env["QUORATE_SEED"];
if (seed !== undefined) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });
