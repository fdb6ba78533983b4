import { request } from "undici";
import { ClusterError } from "../cluster-error.ts";
import type { ClusterStatus } from "../cluster/cluster-status.ts";
import { statusTables } from "../view/status-tables.ts";

/** What `quorate status` was asked to do. */
export interface StatusOptions {
  readonly port: number;
  readonly json?: true;
}

/** The gateway itself needs half a second at most. */
const TIMEOUT_MS = 5_000;

/** @throws {ClusterError} `not-running`. */
export async function runStatus({ port, json }: StatusOptions): Promise<void> {
  const status = await ask(`http://127.0.0.1:${port}/status`);
  process.stdout.write(`${json ? JSON.stringify(status) : statusTables(status)}\n`);
}

async function ask(url: string): Promise<ClusterStatus> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const { statusCode, body } = await request(url, { signal });
    const answer = (await body.json()) as ClusterStatus;
    if (statusCode === 200 && Array.isArray(answer.shards)) return answer;
    throw new Error(`it answers with status ${statusCode}`);
  } catch (cause) {
    const message =
      `no gateway of a cluster at ${url}: ${(cause as Error).message}; ` +
      `start one with quorate up, or name its --port`;
    throw new ClusterError("not-running", message, { cause });
  }
}
