import type { Locator } from "@quorate/consistent-hashing";
import type { Transport } from "@quorate/transport";
import { askNodeReport, type NodeReport } from "../node/node-report.ts";
import type { ServiceStatus } from "./service-status.ts";
import { leads, type ShardStatus, shardStatuses } from "./shard-status.ts";
import type { SupervisedProcess } from "./supervised-process.ts";

/** The cluster as its nodes report it at this moment. */
export interface ClusterStatus {
  /** Who leads the most shards; absent while any shard is without a leader. */
  readonly leader?: string;
  /** The highest of any shard. */
  readonly term: number;
  readonly shards: readonly ShardStatus[];
  readonly nodes: readonly NodeStatus[];
  readonly services: readonly ServiceStatus[];
}

export interface NodeStatus {
  readonly id: string;
  /** Down: its process does not run, or does not answer. */
  readonly state: "up" | "down";
  readonly pid: number | undefined;
  readonly restarts: number;
  /** Why it is down, as far as is known. */
  readonly reason?: string;
  readonly report?: NodeReport;
}

const REPORT_TIMEOUT_MS = 500;

/** Asks all nodes at once; takes half a second at most. */
export async function askStatus(
  transport: Transport,
  processes: readonly SupervisedProcess[],
  ring: Locator,
  services: () => readonly ServiceStatus[],
): Promise<ClusterStatus> {
  const nodes = await Promise.all(processes.map((process) => askNode(transport, process)));
  const reports = nodes.flatMap(({ report }) => report ?? []);
  const shards = shardStatuses(ring, reports);
  const term = Math.max(...shards.map((shard) => shard.term));
  const [first] = leads(shards);
  const areAllLed = shards.every(({ leader }) => leader !== undefined);
  const leader = first && areAllLed ? { leader: first[0] } : {};
  return { ...leader, term, shards, nodes, services: services() };
}

async function askNode(transport: Transport, process: SupervisedProcess): Promise<NodeStatus> {
  const { id, pid, restarts, lastWords } = process;
  if (!process.isUp) {
    return { id, state: "down", pid, restarts, reason: lastWords ?? "its process is starting" };
  }
  try {
    const report = await askNodeReport(transport, id, REPORT_TIMEOUT_MS);
    return { id, state: "up", pid, restarts, report };
  } catch (error) {
    return { id, state: "down", pid, restarts, reason: (error as Error).message };
  }
}
