/**
 * Adds to golden.json what is not in it yet; what is there is never changed, since stored states
 * and keys placed by earlier versions depend on it:
 *
 *   node --conditions=@quorate/source --import @oxc-node/core/register packages/consistent-hashing/test/golden/write.ts
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { answers, digest, goldenSets } from "./sets.ts";

const file = new URL("golden.json", import.meta.url);
const golden: Record<string, unknown> = existsSync(file)
  ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>)
  : {};
for (const [name, locator] of Object.entries(goldenSets())) {
  golden[name] ??= { state: locator, answers: answers(locator), digest: digest(locator) };
}
writeFileSync(file, `${JSON.stringify(golden, null, 2)}\n`);
