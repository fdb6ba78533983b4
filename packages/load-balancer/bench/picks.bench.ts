import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Bench, defineBench, measured, type Row, type Sample } from "@quorate/bench";
import { POLICY_NAMES, type PolicyName } from "../src/core/policy-options.ts";

const GOAL = 5;
/** Look at every endpoint in each pick: no goal. */
const FULL_SCANS: readonly PolicyName[] = ["adaptive", "least-requests", "least-response-time"];
const PROGRAM = fileURLToPath(new URL("picks-of.ts", import.meta.url));

/** A process for each policy, as a program uses one: V8 inlines its calls. */
async function picksPerSecond(kind: PolicyName): Promise<Sample> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...process.execArgv,
    PROGRAM,
    kind,
  ]);
  return { value: Number(stdout) };
}

const bench: Bench = defineBench(async (options) => {
  const rows: (Row | undefined)[] = [];
  for (const kind of POLICY_NAMES) {
    const isScan = FULL_SCANS.includes(kind);
    rows.push(
      await measured(options, {
        case: `picks and their ends, ${kind}, 100 endpoints`,
        unit: "M/s",
        ours: () => picksPerSecond(kind),
        ...(!isScan && { goal: ({ ours }) => ({ goal: GOAL, met: ours >= GOAL }) }),
      }),
    );
  }
  return rows;
});
export default bench;
