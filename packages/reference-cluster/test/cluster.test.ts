import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { LockStatus } from "../src/coordination/cluster-locks.ts";
import type { ClusterStatus } from "../src/cluster/cluster-status.ts";
import type { LiveStatus } from "../src/live/live-status.ts";
import type { Order } from "../src/orders/order.ts";
import { firstOrders } from "../src/orders/order-generator.ts";
import { Child, isAlive, quorate, temporaryFolder } from "./child.ts";

const TIMEOUT_MS = 180_000;
const ORDER = JSON.stringify({ ...firstOrders("cluster", 1)[0], district: "Altona" });
/** What the order costs that is placed at the start, in the same district. */
const EXAMPLE_CENTS = 1_320;

async function place(url: string): Promise<Order> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${url}/orders`, { method: "POST", headers, body: ORDER });
  expect(answer.status).toBe(201);
  return (await answer.json()) as Order;
}

async function statusOf(url: string): Promise<ClusterStatus> {
  return (await (await fetch(`${url}/status`)).json()) as ClusterStatus;
}

describe("a cluster of processes", { timeout: TIMEOUT_MS }, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  const children: Child[] = [];

  function up(...options: readonly string[]): Child {
    const child = new Child("up", "--port", "0", "--data", folder.path, ...options);
    children.push(child);
    return child;
  }

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.process.exitCode === null) child.process.kill("SIGKILL");
      await child.ended();
    }
    await folder.remove();
  });

  it("loses nothing, duplicates nothing, and its replicas agree, though two leaders, a service and the streaming process are killed", async () => {
    const file = join(folder.path, "orders.jsonl");
    const lines = firstOrders("lines", 300).map((order) => JSON.stringify(order));
    await writeFile(file, lines.join("\n"));
    const { stdout, stderr, process } = await quorate("up", "--once", "--json", "--input", file);
    expect(stderr).toBe("");
    const result = JSON.parse(stdout) as Record<string, unknown>;
    expect(result).toMatchObject({
      orders: 300,
      lost: 0,
      duplicated: 0,
      rejectedPresent: 0,
      errors: 0,
    });
    expect(result).toMatchObject({ replicasAgree: true, examples: [] });
    expect(result["failoverMs"]).toEqual([expect.any(Number), expect.any(Number)]);
    expect(result).toMatchObject({ serviceKills: 1, idempotent: 225, idempotentErrors: 0 });
    expect(result["serviceFailoverMs"]).toHaveLength(1);
    expect(result["live"]).toMatchObject({ killed: 1, restarts: 1, late: 0, isSame: true });
    const { acknowledged, rejected, unknown } = result as Record<string, number>;
    expect(acknowledged! + rejected! + unknown!).toBe(300);
    expect(process.exitCode).toBe(0);
  });

  it("loses nothing on Multi-Paxos either, though two leaders and a service are killed", async () => {
    const run = ["--orders", "300", "--consensus", "paxos"];
    const { stdout, process } = await quorate("up", "--once", "--json", ...run);
    expect(process.exitCode).toBe(0);
    const live = { killed: 1, isSame: true };
    const good = {
      live,
      orders: 300,
      lost: 0,
      duplicated: 0,
      idempotentErrors: 0,
      replicasAgree: true,
    };
    expect(JSON.parse(stdout)).toMatchObject(good);
  });

  it("has its orders again after a restart of all; Ctrl-C leaves no process behind", async () => {
    const first = up("--no-workload");
    const url = await first.url();
    const order = await place(url);
    const { nodes, services } = await statusOf(url);
    const pids = [...nodes, ...services].map(({ pid }) => pid!);
    expect(pids.map(isAlive)).toEqual(Array(6).fill(true));
    const folders = await readdir(join(folder.path, "n2"));
    expect(folders.toSorted()).toEqual(["config", "coordination", "shard-1", "shard-2", "shard-3"]);
    expect(await first.interrupt()).toBe(0);
    expect(first.stderr).toBe("");
    expect(pids.map(isAlive)).toEqual(Array(6).fill(false));

    const second = up("--no-workload", "--nodes", "3");
    const read = await fetch(`${await second.url()}/orders/${order.id}`);
    expect(await read.json()).toEqual(order);
    expect(await second.interrupt()).toBe(0);
  });

  it("starts again on its folder after SIGKILL of its parent: nodes and services end, and give their locks back", async () => {
    const first = up("--no-workload");
    const url = await first.url();
    const order = await place(url);
    const { nodes, services } = await statusOf(url);
    first.process.kill("SIGKILL");
    await first.ended();
    const left = (): number => [...nodes, ...services].filter(({ pid }) => isAlive(pid!)).length;
    await vi.waitFor(() => expect(left()).toBe(0), { timeout: 30_000 });

    const second = up("--no-workload");
    const read = await fetch(`${await second.url()}/orders/${order.id}`);
    expect(await read.json()).toEqual(order);
  });

  it("shows by `quorate status` who leads each shard, and how evenly orders are spread", async () => {
    const child = up("--no-workload", "--shards", "5");
    const url = await child.url();
    for (let at = 0; at < 20; at++) await place(url);
    const ask = ["status", "--port", new URL(url).port];
    const names = [1, 2, 3, 4, 5].map((number) => `shard-${number}`);
    // On a busy machine a shard may just be electing another leader.
    const status = await vi.waitFor(
      async () => {
        const found = JSON.parse((await quorate(...ask, "--json")).stdout) as ClusterStatus;
        expect(found.shards.map(({ name, leader }) => [name, typeof leader])).toEqual(
          names.map((name) => [name, "string"]),
        );
        return found;
      },
      { timeout: 60_000 },
    );
    const sum = (field: "orders" | "shareOfRing" | "shareOfOrders"): number =>
      status.shards.reduce((total, shard) => total + shard[field], 0);
    expect(sum("orders")).toBe(21); // with the example
    expect(sum("shareOfRing")).toBeCloseTo(1);
    expect(sum("shareOfOrders")).toBeCloseTo(1);
    const { stdout, stderr, process } = await quorate(...ask);
    expect([process.exitCode, stderr]).toEqual([0, ""]);
    for (const name of names) expect(stdout).toMatch(new RegExp(`${name} .*│ (n\\d|none) `));
    expect(stdout).toContain("max/mean");
  });

  it("has one configuration: what `quorate config set` changes, every node sees, also after a restart", async () => {
    const seen = ({ nodes }: ClusterStatus) => nodes.map(({ report }) => report?.configRevision);
    const first = up("--no-workload");
    const port = new URL(await first.url()).port;
    const closing = ["config", "set", "features.acceptOrders", "false", "--port", port, "--json"];
    const set = await quorate(...closing);
    expect(JSON.parse(set.stdout)).toMatchObject({ features: { acceptOrders: false } });
    await vi.waitFor(
      async () => expect(seen(await statusOf(await first.url()))).toEqual([2, 2, 2]),
      { timeout: 20_000, interval: 200 },
    );
    const headers = { "content-type": "application/json" };
    const order = { method: "POST", headers, body: ORDER };
    await vi.waitFor(
      async () => expect((await fetch(`http://127.0.0.1:${port}/orders`, order)).status).toBe(503),
      { timeout: 20_000, interval: 200 },
    );
    first.process.kill("SIGINT");
    await first.ended();
    const again = new URL(await up("--no-workload").url()).port;
    const got = await quorate("config", "get", "--port", again, "--json");
    expect(JSON.parse(got.stdout)).toMatchObject({
      revision: 2,
      features: { acceptOrders: false },
      shards: { "shard-1": ["n1", "n2", "n3"] },
    });
    const wrong = await quorate("config", "set", "features.teleport", "true", "--port", again);
    expect(wrong.process.exitCode).toBe(2);
    expect(wrong.stderr).toContain("there is features.acceptOrders");
  });

  it("counts orders while they come, which `quorate live` shows; also after it was killed", async () => {
    const child = up("--no-workload");
    const url = await child.url();
    const port = new URL(url).port;
    const status = async (): Promise<LiveStatus> => {
      const { stdout } = await quorate("live", "--once", "--json", "--port", port);
      return JSON.parse(stdout) as LiveStatus;
    };
    const counts = (orders: number): Promise<LiveStatus> =>
      vi.waitFor(
        async () => {
          const found = await status();
          expect(found).toMatchObject({ orders, process: { state: "up" } });
          return found;
        },
        { timeout: 30_000, interval: 300 },
      );
    const { district, totalCents } = await place(url);
    const before = await counts(2); // with the example
    process.kill(before.process.pid!, "SIGKILL");
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ ...(JSON.parse(ORDER) as object), delivery: true });
    await fetch(`${url}/orders/delivered`, { method: "PUT", headers, body });
    const after = await counts(3);
    expect(after.process).toMatchObject({ restarts: 1 });
    expect(after.checkpoint).toBeGreaterThan(before.checkpoint);
    expect(after.districts.find((one) => one.district === district)).toMatchObject({
      ...{ orders: 3, revenueCents: 2 * totalCents + EXAMPLE_CENTS }, // all in the same district
    });
    const delayed = await vi.waitFor(
      async () => {
        const found = await status();
        expect(found.courierDelays).toMatchObject([{ district, couriers: 1 }]);
        return found;
      },
      { timeout: 20_000, interval: 300 },
    );
    expect(delayed.courierDelays[0]!.meanMs).toBeGreaterThan(0);
    const { stdout, stderr, process: ended } = await quorate("live", "--once", "--port", port);
    expect([ended.exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(new RegExp(`${district} .*│ 3 `));
    expect(stdout).toContain("3 orders, ");
    const page = await fetch(`${url}/live?minutes=1`);
    expect(await page.json()).toMatchObject({ orders: 3 });
    // Redrawn until Ctrl-C; where there is no terminal, a line each time.
    const watching = new Child("live", "--json", "--port", port);
    children.push(watching);
    await vi.waitFor(() => expect(watching.stdout.split("\n").length).toBeGreaterThan(2), {
      timeout: 20_000,
    });
    expect(await watching.interrupt()).toBe(0);
    const [line] = watching.stdout.split("\n");
    expect(JSON.parse(line!)).toMatchObject({ orders: 3, late: 0 });
  });

  it("counts nothing where it is told not to, and says so", async () => {
    const child = up("--no-workload", "--no-live");
    const { stderr, process: ended } = await quorate(
      ...["live", "--port", new URL(await child.url()).port],
    );
    expect([ended.exitCode, stderr]).toEqual([
      2,
      "quorate: no orders are counted: it runs with --no-live\n",
    ]);
  });

  it("sends couriers under a lock, which `quorate locks` lists; another dispatcher takes over", async () => {
    const child = up("--no-workload");
    const url = await child.url();
    const port = new URL(url).port;
    const held = async (): Promise<LockStatus> => {
      const { stdout } = await quorate("locks", "--port", port, "--json");
      const { locks } = JSON.parse(stdout) as { readonly locks: readonly LockStatus[] };
      expect(locks).toMatchObject([{ name: "dispatch", holders: [{}], waiting: 1 }]);
      return locks[0]!;
    };
    const before = await vi.waitFor(held, { timeout: 30_000, interval: 500 });
    const { stdout } = await quorate("locks", "--port", port);
    expect(stdout).toMatch(new RegExp(`dispatch .*${before.holders[0]!.holder}`));
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ ...(JSON.parse(ORDER) as object), delivery: true });
    await fetch(`${url}/orders/delivered`, { method: "PUT", headers, body });
    const delivery = await vi.waitFor(
      async () => {
        const answer = await fetch(`${url}/orders/delivered/delivery`);
        expect(answer.status).toBe(200);
        return answer.json();
      },
      { timeout: 20_000, interval: 200 },
    );
    expect(delivery).toMatchObject({ token: before.holders[0]!.token });
    await place(url);
    expect((await fetch(`${url}/orders/nothing/delivery`)).status).toBe(404);
  });

  it.each(["SIGKILL", "SIGTERM"] as const)(
    "a service that ends by %s is started again and gets requests; no PUT is answered in error meanwhile",
    async (signal) => {
      const child = up("--no-workload", "--services", "2");
      const url = await child.url();
      const before = (await statusOf(url)).services[0]!;
      process.kill(before.pid!, signal);
      const servers = new Set<string | null>();
      // Puts without a pause, until the killed one has answered again, as another process.
      const isBack = async (): Promise<boolean> => {
        const { pid, state } = (await statusOf(url)).services[0]!;
        return pid !== before.pid && state === "healthy" && servers.has("s1");
      };
      for (let at = 0; at % 20 !== 0 || !(await isBack()); at++) {
        if (at % 20 === 0) servers.clear();
        const headers = { "content-type": "application/json" };
        const id = `put-${signal}-${at}`;
        const answer = await fetch(`${url}/orders/${id}`, { method: "PUT", headers, body: ORDER });
        expect(answer.status).toBe(201);
        servers.add(answer.headers.get("quorate-served-by"));
        await answer.arrayBuffer();
      }
      const after = (await statusOf(url)).services[0]!;
      // Where it is now, it has registered itself.
      expect(after.port).not.toBe(before.port);
      expect(after.restarts).toBe(1);
    },
  );

  it("answers 503 without a quorum, and goes on once its nodes are back", async () => {
    const child = up("--no-workload");
    const url = await child.url();
    const { nodes } = await statusOf(url);
    const followers = nodes.slice(1).map(({ pid }) => pid!);
    // Paused first: a killed node could be back before anybody has noticed.
    for (const pid of followers) process.kill(pid, "SIGSTOP");
    // A leader steps down when it has not heard from a majority.
    await vi.waitFor(async () => expect((await fetch(`${url}/healthz`)).status).toBe(503), {
      timeout: 30_000,
    });
    for (const pid of followers) process.kill(pid, "SIGKILL");
    await vi.waitFor(async () => expect((await fetch(`${url}/healthz`)).status).toBe(200), {
      timeout: 60_000,
    });
    await place(url);
    // One of the two may still be on its way back: only nodes that answer have counters.
    const metrics = async (): Promise<string> => (await fetch(`${url}/metrics`)).text();
    for (const sample of [
      /log_committed_total\{node="n1",shard="shard-3"\} \d+/,
      /restarts_total\{node="n\d"\} 1/,
    ]) {
      await vi.waitFor(async () => expect(await metrics()).toMatch(sample), { timeout: 60_000 });
    }
  });
});
