import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "redis";
import { createRedisStore } from "../../src/redis/index.ts";
import type { OpenedStore, Server, ServerKind } from "./server.ts";
import { freePort, hasProgram, ServerProcess } from "./server-process.ts";

const missing = hasProgram("redis-server")
  ? undefined
  : "no redis-server (apt-get install redis-server)";

export const REDIS: ServerKind = {
  name: "Redis",
  missing,
  minTtlMs: 1_000,
  open: openStore,
  start: () => start([]),
};

/** One node, which has all slots. */
export const REDIS_CLUSTER: ServerKind = {
  name: "Redis Cluster",
  hasExample: false,
  missing,
  minTtlMs: 1_000,
  open: openStore,
  start: async () => {
    const server = await start(["--cluster-enabled", "yes"]);
    const client = createClient({ url: `redis://127.0.0.1:${server.port}` });
    await client.connect();
    await client.clusterAddSlotsRange({ start: 0, end: 16_383 });
    while (!(await client.clusterInfo()).includes("state:ok"));
    client.destroy();
    return server;
  },
};

/** Writes each command to its log before it answers: so that a restart forgets nothing. */
async function start(more: readonly string[]): Promise<Server> {
  const directory = await mkdtemp(join(tmpdir(), "quorate-redis-"));
  const port = await freePort();
  const command = [
    ...["redis-server", "--bind", "127.0.0.1", "--port", String(port), "--dir", directory],
    ...["--appendonly", "yes", "--appendfsync", "always", "--save", "", ...more],
  ];
  const process = new ServerProcess(command, directory, () => answers(port));
  await process.start();
  return {
    port,
    process,
    stop: async () => {
      await process.kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function openStore(port: number, requestTimeoutMs = 5_000): Promise<OpenedStore> {
  const client = createClient({ url: `redis://127.0.0.1:${port}` });
  client.on("error", () => {});
  await client.connect();
  const store = createRedisStore(client, { requestTimeoutMs });
  return {
    store,
    close: async () => {
      await store.close();
      client.destroy();
    },
  };
}

async function answers(port: number): Promise<boolean> {
  const socket = { port, host: "127.0.0.1", reconnectStrategy: false } as const;
  const client = createClient({ socket });
  client.on("error", () => {});
  try {
    await client.connect();
    return (await client.ping()) === "PONG";
  } finally {
    if (client.isOpen) client.destroy();
  }
}
