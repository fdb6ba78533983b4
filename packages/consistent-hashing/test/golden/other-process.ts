/** Prints the digest of a ring whose nodes, the arguments, join in the order given. */
import { createRing } from "../../src/index.ts";
import { digest } from "./sets.ts";

const ring = createRing();
for (const name of process.argv.slice(2)) ring.add(name);
console.log(digest(ring));
