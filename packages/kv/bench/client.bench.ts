import { type Bench, defineBench, type Goal, measured, type Sample } from "@quorate/bench";
import {
  encodeLogCommand,
  type Outcome,
  type ReplicatedLog,
  type ReplicationStatus,
  SessionedStateMachine,
} from "@quorate/replication";
import { createMemoryNetwork, type Transport } from "@quorate/transport";
import { createKvClient, type KvClient, KvStateMachine, serveKv } from "../src/index.ts";
import { keysOf, VALUE_BYTES } from "./workload.ts";

function goal({ ours }: { readonly ours: number }): Goal {
  return { goal: 30_000, met: ours >= 30_000 };
}

const OUTSTANDING = 1_000;

/** A log of one node that commits at once: what is measured is client, codec, server and store. */
function instantLog(): ReplicatedLog<KvStateMachine> {
  const machine = new SessionedStateMachine(new KvStateMachine());
  let index = 0;
  const append = (command: Uint8Array): ReturnType<typeof machine.apply>[number] =>
    machine.apply([{ index: ++index, command }])[0]!;
  return {
    machine: machine.machine,
    async propose(command, { session } = {}): Promise<Outcome> {
      const entry = { kind: "session", timeMs: 0, session: session!, command } as const;
      const applied = append(encodeLogCommand(entry));
      if (applied.kind !== "result") return { kind: "rejected", reason: "session-expired" };
      return { kind: "committed", index, result: applied.result };
    },
    async openSession(): Promise<Outcome<number>> {
      append(encodeLogCommand({ kind: "open-session", timeMs: 0 }));
      return { kind: "committed", index, result: index };
    },
    read: async (query) => ({ index, value: query(machine.machine) }),
    status: () => ({ nodeId: "node", role: "leader", leader: "node" }) as ReplicationStatus,
    explain: () => [],
    onLeader: () => () => {},
  };
}

async function inCluster(run: (client: KvClient) => Promise<Sample>): Promise<Sample> {
  const network = createMemoryNetwork();
  const node: Transport = network.transport("node");
  const own: Transport = network.transport("client");
  serveKv(instantLog(), node);
  await Promise.all([node.start(), own.start()]);
  const client = createKvClient({ nodes: ["node"], timeoutMs: 60_000 }, { transport: own });
  try {
    return await run(client);
  } finally {
    await client.stop();
    await Promise.all([node.stop(), own.stop()]);
  }
}

async function manyAtOnce(count: number, call: (at: number) => Promise<unknown>): Promise<Sample> {
  let next = 0;
  const startedAt = performance.now();
  const callers = Array.from({ length: OUTSTANDING }, async () => {
    while (next < count) await call(next++);
  });
  await Promise.all(callers);
  return { value: (count * 1_000) / (performance.now() - startedAt) };
}

const bench: Bench = defineBench(async (options) => {
  const count = options.quick ? 10_000 : 100_000;
  const keys = keysOf(10_000);
  const keyAt = (at: number): string => keys[at % keys.length]!;
  const value = Buffer.alloc(VALUE_BYTES, "v");
  return [
    await measured(options, {
      case: `puts by a client, ${OUTSTANDING} outstanding, one process, memory network, no log`,
      unit: "puts/s",
      ours: () => inCluster((kv) => manyAtOnce(count, (at) => kv.put(keyAt(at), value))),
      goal,
    }),
    await measured(options, {
      case: `gets by a client, ${OUTSTANDING} outstanding, one process, memory network, no log`,
      unit: "gets/s",
      ours: () => inCluster((kv) => manyAtOnce(count, (at) => kv.get(keyAt(at)))),
      goal,
    }),
  ];
});

export default bench;
