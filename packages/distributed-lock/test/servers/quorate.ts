import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createKvClient, type KvClient } from "@quorate/kv";
import { createTcpTransport, type TcpTransport } from "@quorate/transport/tcp";
import { createQuorateStore } from "../../src/quorate/index.ts";
import type { OpenedStore, ServerKind } from "./server.ts";
import { freePort, ServerProcess } from "./server-process.ts";

const PROGRAM = fileURLToPath(new URL("quorate-node.ts", import.meta.url));
let clients = 0;

/** One node of our own store, with its log on disk. */
export const QUORATE: ServerKind = {
  name: "node of @quorate/kv",
  missing: undefined,
  minTtlMs: 1_000,
  hasExample: false,
  open: openStore,
  start: async () => {
    const directory = await mkdtemp(join(tmpdir(), "quorate-locks-"));
    const port = await freePort();
    const node = [
      process.execPath,
      "--conditions=@quorate/source",
      "--import",
      "@oxc-node/core/register",
      PROGRAM,
    ];
    const command = [...node, String(port), join(directory, "data")];
    // Where the loader is found.
    const server = new ServerProcess(command, process.cwd(), () => isReady(port));
    await server.start();
    return {
      port,
      process: server,
      stop: async () => {
        await server.kill();
        await rm(directory, { recursive: true, force: true });
      },
    };
  },
};

interface Connected {
  readonly transport: TcpTransport;
  readonly client: KvClient;
}

export async function connectQuorate(port: number): Promise<Connected> {
  const peers = { n1: { host: "127.0.0.1", port } };
  const nodeId = `client-${process.pid}-${++clients}`;
  const transport = createTcpTransport({ nodeId, clusterId: "locks", peers });
  await transport.start();
  return { transport, client: createKvClient({ nodes: ["n1"] }, { transport }) };
}

async function openStore(port: number, requestTimeoutMs = 5_000): Promise<OpenedStore> {
  const { transport, client } = await connectQuorate(port);
  const store = createQuorateStore(client, { requestTimeoutMs });
  return {
    store,
    close: async () => {
      await store.close();
      await client.stop();
      await transport.stop();
    },
  };
}

async function isReady(port: number): Promise<boolean> {
  const { transport, client } = await connectQuorate(port);
  try {
    await client.get("ready", { timeoutMs: 1_000 });
    return true;
  } finally {
    await client.stop();
    await transport.stop();
  }
}
