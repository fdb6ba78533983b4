import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { ETCD } from "./servers/etcd.ts";
import { onServer } from "./servers/on-server.ts";
import { hasProgram } from "./servers/server-process.ts";
import type { Workbench } from "./servers/workbench.ts";

const noEtcdctl = hasProgram("etcdctl")
  ? ""
  : ": left out, no etcdctl (apt-get install etcd-client)";

onServer(ETCD, (bench) => {
  describe.skipIf(noEtcdctl !== "")(`beside etcdctl lock${noEtcdctl}`, () => {
    it("waits for a lock of the same name that etcdctl holds, and is next", async () => {
      const locks = await bench.locks({ ttlMs: 5_000 });
      const mutex = locks.mutex("orders/7");
      const etcdctl = etcdctlLock(bench, "orders/7");
      try {
        const key = await lineOf(etcdctl);
        expect(key).toMatch(/^orders\/7\/[0-9a-f]+$/);
        await expect(mutex.tryAcquire()).resolves.toBeNull();
        const [holder] = await mutex.list();
        expect(holder).toMatchObject({ sessionId: key.split("/")[2], holds: true });
        const waiting = mutex.acquire();
        etcdctl.kill("SIGINT");
        expect((await waiting).token).toBeGreaterThan(holder!.token);
      } finally {
        etcdctl.kill("SIGKILL");
      }
    });

    it("is waited for by etcdctl, readers too", async () => {
      const locks = await bench.locks({ ttlMs: 5_000 });
      const { read, write } = locks.readWriteLock("orders/8");
      const held = await read.acquire();
      const etcdctl = etcdctlLock(bench, "orders/8");
      try {
        while ((await write.list()).length < 2) await new Promise((next) => setImmediate(next));
        const acquired = lineOf(etcdctl);
        const soon = await Promise.race([acquired, held.check()]);
        expect(soon).toBeUndefined();
        await held.release();
        const key = await acquired;
        const [holder] = await write.list();
        expect(key).toBe(`orders/8/${holder!.sessionId}`);
      } finally {
        etcdctl.kill("SIGKILL");
      }
    });
  });
});

function etcdctlLock(bench: Workbench, name: string): ChildProcess {
  const endpoint = `http://127.0.0.1:${bench.server.port}`;
  return spawn("etcdctl", ["--endpoints", endpoint, "lock", name, "--ttl", "5"], {
    env: { ...process.env, ETCDCTL_API: "3" },
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** The key that it holds, which it prints once it does. */
async function lineOf(etcdctl: ChildProcess): Promise<string> {
  const [chunk] = (await once(etcdctl.stdout!, "data")) as [Buffer];
  return chunk.toString().trim();
}
