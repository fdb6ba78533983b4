import type { MerchantRank } from "../ranking/merchant-rank.ts";
import { rankTable } from "../view/rank-table.ts";
import { callGateway } from "./gateway-call.ts";

/** What `quorate rank` was asked to do. */
export interface RankOptions {
  readonly port: number;
  readonly top: number;
  readonly json?: true;
}

/** Workers are started for it, and read all reviews. */
const TIMEOUT_MS = 600_000;

/** @throws {ClusterError} `not-running`, `not-ready`. */
export async function runRank({ port, top, json }: RankOptions): Promise<void> {
  const answer = await callGateway<{ readonly merchants: readonly MerchantRank[] }>(
    port,
    "/rankings",
    "merchants",
    { method: "POST", timeoutMs: TIMEOUT_MS },
  );
  const text = json ? JSON.stringify(answer) : rankTable(answer.merchants, top);
  process.stdout.write(`${text}\n`);
}
