import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogUpdate } from "log-update";
import { acceptanceRun } from "../acceptance/acceptance-run.ts";
import { asJson, asTable, isPassed } from "../acceptance/result.ts";
import { ClusterError } from "../cluster-error.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { startCluster } from "../cluster/start-cluster.ts";
import type { OrderRequest } from "../orders/order.ts";
import { readOrderFile } from "../orders/order-file.ts";
import { firstOrders } from "../orders/order-generator.ts";
import { progressBar } from "../view/progress-bar.ts";
import { EXIT_INTERRUPTED, stopSignal } from "./stop-signal.ts";
import { clusterOptions, type UpOptions } from "./up-options.ts";

const EXIT_CHECK_FAILED = 1;
/** Below this there is no load to kill a leader in the middle of. */
const MIN_ORDERS = 10;

/** `quorate up --once`: one acceptance run, its result, and an exit code that says the same. */
export async function runAcceptance(options: UpOptions): Promise<void> {
  const requests = await ordersOf(options);
  const stop = stopSignal();
  const data = options.data ?? (await mkdtemp(join(tmpdir(), "quorate-")));
  try {
    const cluster = await startCluster(clusterOptions({ port: 0, ...options }, data));
    try {
      await Promise.race([report(cluster, requests, options), stop.received]);
    } finally {
      await cluster.stop();
    }
  } finally {
    if (options.data === undefined) await rm(data, { recursive: true, force: true });
  }
  // A run that was broken off has calls under way that nobody waits for.
  if (stop.isReceived) process.exit(EXIT_INTERRUPTED);
  stop.ignore();
}

async function ordersOf({ input, orders, seed }: UpOptions): Promise<OrderRequest[]> {
  const requests = input === undefined ? firstOrders(seed, orders) : await readOrderFile(input);
  if (requests.length >= MIN_ORDERS) return requests;
  throw new ClusterError("invalid-option", `--once needs at least ${MIN_ORDERS} orders`);
}

async function report(
  cluster: Cluster,
  requests: readonly OrderRequest[],
  { concurrency, json }: UpOptions,
): Promise<void> {
  const draw = process.stderr.isTTY ? createLogUpdate(process.stderr) : undefined;
  const result = await acceptanceRun(cluster, requests, concurrency, (placed) =>
    draw?.(progressBar("orders", placed, requests.length)),
  );
  draw?.clear();
  process.stdout.write(`${json ? asJson(result) : asTable(result)}\n`);
  if (!isPassed(result)) process.exitCode = EXIT_CHECK_FAILED;
}
