import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createLocks } from "../src/index.ts";
import { ETCD } from "../test/servers/etcd.ts";
import { POSTGRES } from "../test/servers/postgres.ts";
import { QUORATE } from "../test/servers/quorate.ts";
import { REDIS } from "../test/servers/redis.ts";
import { ZOOKEEPER } from "../test/servers/zookeeper.ts";

const file = fileURLToPath(import.meta.url);

/** A process that holds a lock until it is killed. */
export class HolderProcess {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Resolves once it holds. */
  static async start(
    kind: string,
    port: number,
    lock: string,
    ttlMs: number,
  ): Promise<HolderProcess> {
    const execArgv = ["--conditions=@quorate/source", "--import", "@oxc-node/core/register"];
    const child = fork(file, [kind, String(port), lock, String(ttlMs)], { execArgv });
    await once(child, "message");
    return new HolderProcess(child);
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }
}

if (process.argv[1] === file) {
  const [kindName, port, lock, ttlMs] = process.argv.slice(2);
  const kind = [QUORATE, REDIS, ETCD, POSTGRES, ZOOKEEPER].find(({ name }) => name === kindName)!;
  const { store } = await kind.open(Number(port));
  await createLocks(store, { ttlMs: Number(ttlMs) })
    .mutex(lock!)
    .acquire();
  process.send!("holds");
}
