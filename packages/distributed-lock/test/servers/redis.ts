import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "redis";
import { createRedisStore } from "../../src/redis/index.ts";
import type { OpenedStore, ServerKind } from "./server.ts";
import { freePort, hasProgram, ServerProcess } from "./server-process.ts";

/** Writes each command to its log before it answers: so that a restart forgets nothing. */
export const REDIS: ServerKind = {
  name: "Redis",
  missing: hasProgram("redis-server")
    ? undefined
    : "no redis-server (apt-get install redis-server)",
  minTtlMs: 300,
  start: async () => {
    const directory = await mkdtemp(join(tmpdir(), "quorate-redis-"));
    const port = await freePort();
    const command = [
      ...["redis-server", "--bind", "127.0.0.1", "--port", String(port), "--dir", directory],
      ...["--appendonly", "yes", "--appendfsync", "always", "--save", ""],
    ];
    const process = new ServerProcess(command, directory, () => answers(port));
    await process.start();
    return {
      port,
      process,
      connect: openStore,
      stop: async () => {
        await process.kill();
        await rm(directory, { recursive: true, force: true });
      },
    };
  },
};

async function openStore(port: number): Promise<OpenedStore> {
  const client = createClient({ url: `redis://127.0.0.1:${port}` });
  client.on("error", () => {});
  await client.connect();
  const store = createRedisStore(client, { requestTimeoutMs: 1_000 });
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
