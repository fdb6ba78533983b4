import { once } from "node:events";
import { describe, expect, it } from "vitest";
import type { Check, Health } from "../src/index.ts";
import { orders, Workshop } from "./workshop.ts";

/** A check that says what it is told to. */
function told(answer: { now: Health | "hangs" }, options: Partial<Check> = {}): Check {
  return {
    intervalMs: 1_000,
    unhealthyThreshold: 1,
    check: async (signal) => {
      if (answer.now === "critical") throw new Error("no database");
      if (answer.now === "warning") return { warning: "slow database" };
      if (answer.now === "hangs") await once(signal, "abort");
      return undefined;
    },
    ...options,
  };
}

describe("the health of an instance", () => {
  it("is known before it is found: each check has run once", async () => {
    const workshop = await Workshop.open();
    const { registry } = await workshop.process();
    const checks = { db: told({ now: "critical" }), queue: told({ now: "warning" }) };
    await workshop.until(registry.register(orders("a"), { checks }));
    expect(await workshop.until(registry.instances("orders"))).toMatchObject([
      {
        health: "critical",
        checks: {
          db: { health: "critical", note: "no database" },
          queue: { health: "warning", note: "slow database" },
          self: { health: "passing" },
        },
      },
    ]);
  });

  it("follows its checks, and writes only what has changed", async () => {
    const workshop = await Workshop.open();
    const { registry, link } = await workshop.process();
    const db = { now: "passing" as Health };
    const registration = await workshop.until(
      registry.register(orders("a"), { checks: { db: told(db) } }),
    );
    const before = link.transactions;
    await workshop.clock.advance(30_000);
    expect(link.transactions).toBe(before);
    for (const health of ["warning", "critical", "passing"] as const) {
      db.now = health;
      await workshop.clock.advance(2_000);
      expect(registration.health).toBe(health);
      expect(await workshop.until(registry.instances("orders"))).toMatchObject([{ health }]);
    }
  });

  it("a check that does not answer in time has failed, and is told so", async () => {
    const workshop = await Workshop.open();
    const { registry } = await workshop.process();
    const checks = { db: told({ now: "hangs" }, { timeoutMs: 300 }) };
    await workshop.until(registry.register(orders("a"), { checks }));
    const [found] = await workshop.until(registry.instances("orders"));
    expect(found?.checks["db"]?.note).toContain("300 ms");
  });

  it("is also what the process says of itself", async () => {
    const workshop = await Workshop.open();
    const { registry } = await workshop.process();
    const registration = await workshop.until(registry.register(orders("a")));
    registration.report("warning", "about to restart");
    await workshop.clock.advance(100);
    expect(await workshop.until(registry.instances("orders"))).toMatchObject([
      { health: "warning", checks: { self: { note: "about to restart" } } },
    ]);
  });

  it("one that is critical for too long is taken out, and put back when it is not", async () => {
    const workshop = await Workshop.open();
    const { registry } = await workshop.process();
    const db = { now: "passing" as Health };
    const registration = await workshop.until(
      registry.register(orders("a"), {
        checks: { db: told(db) },
        deregisterAfterCriticalMs: 20_000,
      }),
    );
    const find = () => workshop.until(registry.instances("orders"));
    db.now = "critical";
    await workshop.clock.advance(15_000);
    expect(await find()).toMatchObject([{ health: "critical" }]);
    await workshop.clock.advance(10_000);
    expect(await find()).toEqual([]);
    expect(registration.state).toBe("withdrawn");
    db.now = "passing";
    await workshop.clock.advance(2_000);
    expect(await find()).toMatchObject([{ health: "passing" }]);
    expect(registration.state).toBe("registered");
  });

  it("no check runs after it was deregistered", async () => {
    const workshop = await Workshop.open();
    const { registry } = await workshop.process();
    let runs = 0;
    const checks = { db: { intervalMs: 100, check: async () => void runs++ } };
    const registration = await workshop.until(registry.register(orders("a"), { checks }));
    await workshop.clock.advance(1_000);
    await workshop.until(registration.deregister());
    const before = runs;
    await workshop.clock.advance(1_000);
    expect(runs).toBe(before);
  });
});
