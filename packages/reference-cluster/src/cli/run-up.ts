import { systemClock } from "@quorate/runtime";
import { ClusterError } from "../cluster-error.ts";
import { startCluster } from "../cluster/start-cluster.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { Workload } from "../load/workload.ts";
import { generateOrders } from "../orders/order-generator.ts";
import { EXAMPLE_ORDER, invitation } from "../view/invitation.ts";
import { plainLine } from "../view/plain-line.ts";
import { showRedrawn } from "../view/redrawn.ts";
import { screen } from "../view/screen.ts";
import type { ViewState } from "../view/view-state.ts";
import { stopSignal } from "./stop-signal.ts";
import { clusterOptions, type UpOptions } from "./up-options.ts";

const DATA_DIRECTORY = ".quorate";
const VIEW = { screen, line: plainLine, redrawMs: 250, lineMs: 5_000 };

/** `quorate up`: the cluster, a steady load and the live view, until Ctrl-C. */
export async function runUp(options: UpOptions): Promise<void> {
  const stop = stopSignal();
  const cluster = await startCluster(clusterOptions(options, options.data ?? DATA_DIRECTORY));
  try {
    const exampleId = await placeExample(cluster);
    const workload = options.workload ? workloadOf(cluster, options) : undefined;
    try {
      if (!process.stdout.isTTY) {
        process.stdout.write(`${invitation(cluster.url, exampleId).join("\n")}\n`);
      }
      await showRedrawn(process.stdout, VIEW, () => lookAt(cluster, exampleId, workload), stop);
    } finally {
      await workload?.[Symbol.asyncDispose]();
    }
  } finally {
    await cluster.stop();
  }
  stop.ignore();
}

function workloadOf({ url }: Cluster, { seed, rate }: UpOptions): Workload {
  return new Workload(url, generateOrders(seed), rate, systemClock);
}

async function lookAt(
  cluster: Cluster,
  exampleId: string,
  workload: Workload | undefined,
): Promise<ViewState> {
  const { url, dataDirectory } = cluster;
  const seen = { url, dataDirectory, exampleId, traffic: cluster.traffic() };
  const status = await cluster.status();
  return workload ? { ...seen, status, workload: workload.counts } : { ...seen, status };
}

/** One order that the reader can look at; the same one after a restart. */
async function placeExample({ orders }: Cluster): Promise<string> {
  const placement = await orders.place(EXAMPLE_ORDER, "example");
  if ("order" in placement) return placement.order.id;
  throw new ClusterError("not-ready", `the first order was not placed: ${placement.kind}`);
}
