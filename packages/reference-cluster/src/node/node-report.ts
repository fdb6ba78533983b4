import { decodeResult, encodeCommand, type KvStateMachine, withPrefix } from "@quorate/kv";
import type { ReplicationStatus } from "@quorate/replication";
import type { DrivenNode, NodeMetrics } from "@quorate/replication/driver";
import type { Transport, Unsubscribe } from "@quorate/transport";
import type { TcpTransport, TcpTransportMetrics } from "@quorate/transport/tcp";
import type { ConfigNode } from "../config/config-node.ts";
import { COORDINATION } from "../coordination/coordination-store.ts";
import { ORDERS } from "../orders/order-keys.ts";

/** What a node says of itself, as JSON over the transport. */
export interface NodeReport {
  readonly pid: number;
  /** Its member of each shard, in the order of their numbers. */
  readonly shards: readonly ShardReport[];
  /** Of the cluster's configuration, as this node last saw it; absent before it did once. */
  readonly configRevision?: number;
  /** In words, what keeps the node from making progress. */
  readonly explain: readonly string[];
  readonly metrics: {
    readonly transport: Omit<TcpTransportMetrics, "peers">;
    readonly process: { readonly residentBytes: number; readonly cpuSeconds: number };
  };
}

/** A node's member of a shard. */
export interface ShardReport {
  readonly name: string;
  readonly log: ReplicationStatus;
  /** The state at one moment: equal on all replicas that have applied the same index. */
  readonly state: StateReport;
  readonly metrics: NodeMetrics;
}

export interface StateReport {
  readonly appliedIndex: number;
  readonly hash: string;
  readonly keys: number;
  readonly orders: number;
  readonly revision: number;
}

type Shards = ReadonlyMap<string, DrivenNode<KvStateMachine>>;

const PROTOCOL = "quorate/reference-cluster/report";
const NOTHING = new Uint8Array(0);
const COUNT_ORDERS = encodeCommand({ kind: "range", ...withPrefix(ORDERS), countOnly: true });

export function serveNodeReports(
  shards: Shards,
  coordination: DrivenNode<KvStateMachine>,
  config: Pick<ConfigNode, "seen">,
  transport: TcpTransport,
): Unsubscribe {
  return transport.onRequest(PROTOCOL, async () =>
    new TextEncoder().encode(
      JSON.stringify(await reportOf(shards, coordination, config, transport)),
    ),
  );
}

/**
 * Asks a node for its report.
 *
 * @throws {TransportError} as `Transport.request`.
 */
export async function askNodeReport(
  transport: Transport,
  nodeId: string,
  timeoutMs: number,
): Promise<NodeReport> {
  const answer = await transport.request(nodeId, PROTOCOL, NOTHING, { timeoutMs });
  return JSON.parse(new TextDecoder().decode(answer)) as NodeReport;
}

async function reportOf(
  shards: Shards,
  coordination: DrivenNode<KvStateMachine>,
  { seen }: Pick<ConfigNode, "seen">,
  transport: TcpTransport,
): Promise<NodeReport> {
  const { peers: _, ...counters } = transport.metrics();
  const { user, system } = process.cpuUsage();
  const reasons = [...shards, [COORDINATION, coordination] as const].flatMap(([name, log]) =>
    log.explain().map((reason) => `${name}: ${reason}`),
  );
  return {
    pid: process.pid,
    shards: await Promise.all([...shards].map(([name, log]) => shardReportOf(name, log))),
    ...(seen && { configRevision: seen.revision }),
    explain: [...reasons, ...transport.explain()],
    metrics: {
      transport: counters,
      process: {
        residentBytes: process.memoryUsage.rss(),
        cpuSeconds: (user + system) / 1_000_000,
      },
    },
  };
}

async function shardReportOf(name: string, log: DrivenNode<KvStateMachine>): Promise<ShardReport> {
  const { index, value } = await log.read(stateOf, { consistency: "stale" });
  const state = { appliedIndex: index, ...value };
  return { name, log: log.status(), state, metrics: log.metrics() };
}

function stateOf(store: KvStateMachine): Omit<StateReport, "appliedIndex"> {
  const orders = decodeResult(store.query(COUNT_ORDERS));
  return {
    hash: store.hash(),
    keys: store.size,
    orders: orders.kind === "range" ? orders.count : 0,
    revision: store.revision,
  };
}
