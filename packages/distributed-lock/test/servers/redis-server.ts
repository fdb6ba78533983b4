import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "redis";
import { freePort, hasProgram, ServerProcess } from "./server-process.ts";

/** Why there is no Redis here; undefined when there is. */
export const NO_REDIS: string | undefined = hasProgram("redis-server")
  ? undefined
  : "no redis-server (apt-get install redis-server)";

export interface RedisServer {
  readonly url: string;
  readonly process: ServerProcess;
  stop(): Promise<void>;
}

/** Writes each command to its log before it answers: so that a restart forgets nothing. */
export async function startRedis(): Promise<RedisServer> {
  const directory = await mkdtemp(join(tmpdir(), "quorate-redis-"));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const command = [
    ...["redis-server", "--bind", "127.0.0.1", "--port", String(port), "--dir", directory],
    ...["--appendonly", "yes", "--appendfsync", "always", "--save", ""],
  ];
  const process = new ServerProcess(command, directory, () => answers(url));
  await process.start();
  return {
    url,
    process,
    stop: async () => {
      await process.kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function answers(url: string): Promise<boolean> {
  const client = createClient({ url, socket: { reconnectStrategy: false } });
  client.on("error", () => {});
  try {
    await client.connect();
    return (await client.ping()) === "PONG";
  } finally {
    if (client.isOpen) client.destroy();
  }
}
