import { LocalLog } from "@quorate/replication";
import { type Clock, type Random, systemClock, systemRandom } from "@quorate/runtime";
import { createMemoryNetwork, type Transport } from "@quorate/transport";
import type { KvClientOptions } from "../client/client-options.ts";
import { createKvClient, type KvClient } from "../client/kv-client.ts";
import { KvStateMachine } from "../kv-state-machine.ts";
import type { KvMachineOptions } from "../machine-options.ts";
import { serveKv } from "../serve-kv.ts";

const NODE = "local";

export interface LocalKvDependencies {
  /** @default systemClock */
  readonly clock?: Clock;
  /** @default systemRandom */
  readonly random?: Random;
}

/** A store of one node. Its disposal stops its clients, too. */
export interface LocalKv extends AsyncDisposable {
  readonly machine: KvStateMachine;
  /** Another client each time, over a network in memory. */
  client(options?: Partial<Omit<KvClientOptions, "nodes" | "store">>): Promise<KvClient>;
}

/** @throws {KvError} `invalid-option`. */
export async function startLocalKv(
  options: KvMachineOptions = {},
  { clock = systemClock, random = systemRandom }: LocalKvDependencies = {},
): Promise<LocalKv> {
  const network = createMemoryNetwork({}, { clock, random });
  const started: Transport[] = [];
  const starting = async (name: string): Promise<Transport> => {
    const transport = network.transport(name);
    started.push(transport);
    await transport.start();
    return transport;
  };
  const machine = new KvStateMachine(options);
  const log = new LocalLog(machine, { nodeId: NODE }, { clock });
  const end = serveKv(log, await starting(NODE), {}, { clock });
  const clients: KvClient[] = [];
  return {
    machine,
    client: async (given = {}) => {
      const transport = await starting(`client-${started.length}`);
      const client = createKvClient({ ...given, nodes: [NODE] }, { transport, clock, random });
      clients.push(client);
      return client;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(clients.map((client) => client.stop()));
      end();
      log.stop();
      await Promise.all(started.map((transport) => transport.stop()));
    },
  };
}
