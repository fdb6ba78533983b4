import { once } from "node:events";
import { type Bench, type BenchOptions, defineBench, measured, type Row } from "@quorate/bench";
import { Redis } from "ioredis";
import { Etcd3 } from "etcd3";
import { createClient } from "node-zookeeper-client";
import Redlock from "redlock";
import { createLocks, type Locks } from "../src/index.ts";
import { ETCD } from "../test/servers/etcd.ts";
import { POSTGRES, poolOf } from "../test/servers/postgres.ts";
import { connectQuorate, QUORATE } from "../test/servers/quorate.ts";
import { REDIS } from "../test/servers/redis.ts";
import type { Server, ServerKind } from "../test/servers/server.ts";
import { ZOOKEEPER } from "../test/servers/zookeeper.ts";
import { CountingStore } from "./counting-store.ts";
import { HolderProcess } from "./holder-process.ts";
import { eachTime, p50 } from "./latencies.ts";

const TTL_MS = 10_000;
/** Acquire is a write, and so is release: each may wait for the disk once. */
const WRITES_AT_MOST = 2.5;
/** A thousand that come at once to a small machine. */
const PATIENCE_MS = 30_000;
const WAITERS = 1_000;
const CLIENTS = 10;
/** Of a ttl: how often a session is renewed. */
const HEARTBEAT = 1 / 3;

/** What others do on the same server: each acquires and releases once. */
type Peers = Readonly<Record<string, () => Promise<void>>>;

interface Beside {
  /** One write that is acknowledged, by the plain client. */
  readonly write: () => Promise<unknown>;
  readonly peers: Peers;
  close(): Promise<void>;
}

const BESIDE: readonly (readonly [ServerKind, (server: Server) => Promise<Beside>])[] = [
  [QUORATE, besideQuorate],
  [REDIS, besideRedis],
  [ETCD, besideEtcd],
  [POSTGRES, besidePostgres],
  [ZOOKEEPER, besideZooKeeper],
];

const bench: Bench = defineBench(async (options) => {
  const rows: (Row | undefined)[] = [];
  for (const [kind, openBeside] of BESIDE) {
    if (kind.missing !== undefined) {
      console.error(`without ${kind.name}: ${kind.missing}`);
      continue;
    }
    const server = await kind.start();
    const beside = await openBeside(server);
    try {
      rows.push(
        await uncontended(options, kind, server, beside),
        await contended(options, kind, server),
        await handOver(options, kind, server),
      );
    } finally {
      await beside.close();
      await server.stop();
    }
  }
  return rows;
});

export default bench;

function uncontended(
  options: BenchOptions,
  kind: ServerKind,
  server: Server,
  { write, peers }: Beside,
): Promise<Row | undefined> {
  const count = options.quick ? 100 : 1_000;
  return measured(options, {
    case: `${kind.name}: acquire and release, nobody else`,
    unit: "ms",
    ours: () =>
      withLocks(kind, server, async (locks) => {
        const mutex = locks.mutex("alone");
        return p50(await eachTime(count, async () => (await mutex.acquire()).release()));
      }),
    peers: Object.fromEntries([
      ...Object.entries(peers).map(([peer, acquireAndRelease]) => [
        peer,
        async () => p50(await eachTime(count, acquireAndRelease)),
      ]),
      ["one write by the plain client", async () => p50(await eachTime(count, write))],
    ]) as Record<string, () => Promise<{ value: number }>>,
    goal: ({ ours, peers: medians }) => {
      const goal = WRITES_AT_MOST * medians["one write by the plain client"]!;
      return { goal, met: ours <= goal };
    },
  });
}

/** What a release wakes, and costs, with a thousand in line, in ten processes as far as the store knows. */
async function contended(
  options: BenchOptions,
  kind: ServerKind,
  server: Server,
): Promise<Row | undefined> {
  let last: HandedThrough | undefined;
  return measured(options, {
    case: `${kind.name}: ${WAITERS} wait; how many wake at a release (calls a release as a peer)`,
    unit: "waiters",
    ours: async () => {
      last = await handedThrough(kind, server);
      return { value: last.wokenPerRelease };
    },
    peers: {
      "calls to the store": async () => ({ value: last!.callsPerRelease }),
      "ms a hand-over": async () => ({ value: last!.msPerRelease }),
    },
    goal: ({ ours }) => ({ goal: 1, met: ours === 1 }),
  });
}

interface HandedThrough {
  readonly wokenPerRelease: number;
  readonly callsPerRelease: number;
  readonly msPerRelease: number;
}

async function handedThrough(kind: ServerKind, server: Server): Promise<HandedThrough> {
  const opened = await Promise.all(
    Array.from({ length: CLIENTS }, () => kind.open(server.port, PATIENCE_MS)),
  );
  const stores = opened.map(({ store }) => new CountingStore(store));
  const all = stores.map((store) =>
    createLocks(store, { ttlMs: 60_000, requestTimeoutMs: PATIENCE_MS }),
  );
  try {
    const held = await all[0]!.mutex("crowd").acquire();
    const waiting = Array.from({ length: WAITERS }, (_, at) =>
      all[at % CLIENTS]!.mutex("crowd").run(() => {}),
    );
    const sum = (of: (store: CountingStore) => number): number =>
      stores.reduce((total, store) => total + of(store), 0);
    while (sum(({ waits }) => waits) < WAITERS) await new Promise((next) => setTimeout(next, 20));
    const [woken, calls, startedAt] = [sum((s) => s.woken), sum((s) => s.calls), performance.now()];
    await held.release();
    await Promise.all(waiting);
    return {
      wokenPerRelease: (sum((s) => s.woken) - woken) / WAITERS,
      callsPerRelease: (sum((s) => s.calls) - calls) / WAITERS,
      msPerRelease: (performance.now() - startedAt) / WAITERS,
    };
  } finally {
    for (const locks of all) await locks.stop();
    for (const one of opened) await one.close();
  }
}

async function handOver(
  options: BenchOptions,
  kind: ServerKind,
  server: Server,
): Promise<Row | undefined> {
  const ttlMs = 3_000;
  return measured(options, {
    case: `${kind.name}: from the holder's SIGKILL until the next one holds, ttl ${ttlMs} ms`,
    unit: "ms",
    ours: () =>
      withLocks(kind, server, async (locks) => {
        const holder = await HolderProcess.start(kind.name, server.port, "orphaned", ttlMs);
        const waiting = locks.mutex("orphaned").acquire();
        while ((await locks.mutex("orphaned").list()).length < 2);
        const killedAt = performance.now();
        holder.kill();
        const held = await waiting;
        const value = performance.now() - killedAt;
        await held.release();
        return { value };
      }),
    goal: ({ ours }) => {
      const goal = ttlMs * (1 + 2 * HEARTBEAT);
      return { goal, met: ours <= goal };
    },
  });
}

async function withLocks<R>(
  kind: ServerKind,
  server: Server,
  run: (locks: Locks) => Promise<R>,
): Promise<R> {
  const opened = await kind.open(server.port, PATIENCE_MS);
  const locks = createLocks(opened.store, { ttlMs: TTL_MS });
  try {
    return await run(locks);
  } finally {
    await locks.stop();
    await opened.close();
  }
}

async function besideQuorate({ port }: Server): Promise<Beside> {
  const { client, transport } = await connectQuorate(port);
  return {
    write: () => client.put("written", "1"),
    peers: {},
    close: async () => {
      await client.stop();
      await transport.stop();
    },
  };
}

async function besideRedis({ port }: Server): Promise<Beside> {
  const client = new Redis(port, "127.0.0.1");
  const redlock = new Redlock([client]);
  return {
    write: () => client.set("written", "1"),
    peers: {
      "npm redlock 5.0.0-beta.2": async () => {
        const lock = await redlock.acquire(["redlock"], TTL_MS);
        await lock.release();
      },
    },
    close: async () => client.disconnect(),
  };
}

async function besideEtcd({ port }: Server): Promise<Beside> {
  const client = new Etcd3({ hosts: `http://127.0.0.1:${port}` });
  return {
    write: () => client.put("written").value("1").exec(),
    peers: {
      "npm etcd3 1.1.2": async () => {
        const lock = await client
          .lock("etcd3")
          .ttl(TTL_MS / 1_000)
          .acquire();
        await lock.release();
      },
    },
    close: async () => client.close(),
  };
}

async function besidePostgres({ port }: Server): Promise<Beside> {
  const pool = poolOf(port);
  await pool.query("CREATE TABLE written (id int PRIMARY KEY, count int)");
  await pool.query("INSERT INTO written VALUES (1, 0)");
  return {
    write: () => pool.query("UPDATE written SET count = count + 1 WHERE id = 1"),
    peers: {},
    close: () => pool.end(),
  };
}

async function besideZooKeeper({ port }: Server): Promise<Beside> {
  const client = createClient(`127.0.0.1:${port}`, { sessionTimeout: TTL_MS });
  const connected = once(client, "connected");
  client.connect();
  await connected;
  const write = (): Promise<void> =>
    new Promise((resolve, reject) => {
      client.setData("/", Buffer.from("1"), (error) => {
        if (error) reject(new Error(String(error)));
        else resolve();
      });
    });
  return { write, peers: {}, close: async () => client.close() };
}
