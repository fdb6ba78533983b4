import type { KvStateMachine } from "@quorate/kv";
import type { RaftMetrics, RaftNode, RaftStatus } from "@quorate/raft";
import type { Transport, Unsubscribe } from "@quorate/transport";
import type { TcpTransport, TcpTransportMetrics } from "@quorate/transport/tcp";

/** What a node says of itself, as JSON over the transport. */
export interface NodeReport {
  readonly pid: number;
  readonly raft: RaftStatus;
  /** The state at one moment: equal on all replicas that have applied the same index. */
  readonly state: StateReport;
  /** In words, what keeps the node from making progress. */
  readonly explain: readonly string[];
  readonly metrics: {
    readonly raft: RaftMetrics;
    readonly transport: Omit<TcpTransportMetrics, "peers">;
    readonly process: { readonly residentBytes: number; readonly cpuSeconds: number };
  };
}

export interface StateReport {
  readonly appliedIndex: number;
  readonly hash: string;
  readonly keys: number;
  readonly revision: number;
}

const PROTOCOL = "quorate/reference-cluster/report";
const NOTHING = new Uint8Array(0);

export function serveNodeReports(
  raft: RaftNode<KvStateMachine>,
  transport: TcpTransport,
): Unsubscribe {
  return transport.onRequest(PROTOCOL, async () =>
    new TextEncoder().encode(JSON.stringify(await reportOf(raft, transport))),
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
  raft: RaftNode<KvStateMachine>,
  transport: TcpTransport,
): Promise<NodeReport> {
  const { index, value } = await raft.read(
    (store) => ({ hash: store.hash(), keys: store.size, revision: store.revision }),
    { consistency: "stale" },
  );
  const { peers: _, ...counters } = transport.metrics();
  const { user, system } = process.cpuUsage();
  return {
    pid: process.pid,
    raft: raft.status(),
    state: { appliedIndex: index, ...value },
    explain: [...raft.explain(), ...transport.explain()],
    metrics: {
      raft: raft.metrics(),
      transport: counters,
      process: {
        residentBytes: process.memoryUsage.rss(),
        cpuSeconds: (user + system) / 1_000_000,
      },
    },
  };
}
