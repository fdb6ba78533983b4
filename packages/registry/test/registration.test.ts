import { withPrefix } from "@quorate/kv";
import { describe, expect, it } from "vitest";
import type { RegistrationState } from "../src/index.ts";
import { orders, Workshop } from "./workshop.ts";

describe("a registration", () => {
  it("is in the store once `register` has resolved, with all that it says of itself", async () => {
    const workshop = await Workshop.open();
    const { registry } = await workshop.process();
    const instance = orders("orders-1", {
      url: "http://127.0.0.1:8080",
      weight: 2,
      zone: "a",
      version: "1.2.3",
      priority: 1,
      metadata: { über: "alles" },
    });
    const registration = await workshop.until(registry.register(instance));
    expect(registration.state).toBe("registered");
    const other = (await workshop.process()).registry;
    const self = { health: "passing", note: "" };
    expect(await workshop.until(other.instances("orders"))).toEqual([
      { ...instance, health: "passing", checks: { self } },
    ]);
    expect(await workshop.until(other.services())).toEqual(["orders"]);
    expect(await workshop.until(other.instances("order"))).toEqual([]);
  });

  it("goes with its lease when its process dies", async () => {
    const workshop = await Workshop.open();
    const { registry, client } = await workshop.process();
    await workshop.until(registry.register(orders("a"), { ttlSeconds: 5 }));
    await workshop.clock.advance(60_000);
    const other = (await workshop.process()).registry;
    expect(await workshop.until(other.instances("orders"))).toHaveLength(1);
    await workshop.until(client.stop());
    await workshop.clock.advance(5_000);
    expect(await workshop.until(other.instances("orders"))).toEqual([]);
  });

  it("is there again by itself after its lease was lost", async () => {
    const workshop = await Workshop.open();
    const { registry } = await workshop.process();
    const registration = await workshop.until(registry.register(orders("a")));
    const states: RegistrationState[] = [];
    registration.onState((state) => states.push(state));
    const other = await workshop.process();
    const [lease] = await workshop.until(other.client.leases());
    await workshop.until(other.client.revokeLease(lease!.id));
    expect(await workshop.until(other.registry.instances("orders"))).toEqual([]);
    await workshop.clock.advance(10_000);
    expect(await workshop.until(other.registry.instances("orders"))).toHaveLength(1);
    expect(states).toEqual(["registering", "registered"]);
  });

  it("waits for the store as long as its signal lets it, and then is not there", async () => {
    const workshop = await Workshop.open();
    const { registry, link } = await workshop.process();
    link.cut();
    const given = new AbortController();
    const registering = registry.register(orders("a"), { signal: given.signal });
    await workshop.clock.advance(60_000);
    given.abort(new Error("enough"));
    await expect(workshop.until(registering)).rejects.toThrow("enough");
    link.heal();
    await workshop.clock.advance(60_000);
    expect(await workshop.until(registry.instances("orders"))).toEqual([]);

    link.cut();
    const patient = registry.register(orders("b"));
    await workshop.clock.advance(60_000);
    link.heal();
    expect((await workshop.until(patient)).state).toBe("registered");
  });

  it("takes over from one of the same id, which learns of it and does not fight back", async () => {
    const workshop = await Workshop.open();
    const old = await workshop.process();
    const young = await workshop.process();
    const before = await workshop.until(old.registry.register(orders("a", { version: "1" })));
    await workshop.until(young.registry.register(orders("a", { version: "2" })));
    before.update({ version: "1.1" });
    await workshop.clock.advance(1_000);
    expect(before.state).toBe("superseded");
    expect(before.cause).toMatchObject({ code: "superseded" });
    const found = await workshop.until(old.registry.instances("orders"));
    expect(found).toMatchObject([{ id: "a", version: "2" }]);
    expect(await workshop.until(before.deregister())).toBe("deregistered");
    expect(await workshop.until(old.registry.instances("orders"))).toHaveLength(1);
  });

  it("one that was cut off for longer than its lease does not take its place back from another", async () => {
    const workshop = await Workshop.open();
    const paused = await workshop.process();
    const before = await workshop.until(paused.registry.register(orders("a", { version: "1" })));
    const other = await workshop.process();
    const [lease] = await workshop.until(other.client.leases());
    await workshop.until(other.registry.register(orders("a", { version: "2" })));
    await workshop.until(other.client.revokeLease(lease!.id));
    await workshop.clock.advance(30_000);
    expect(before.state).toBe("superseded");
    const found = await workshop.until(other.registry.instances("orders"));
    expect(found).toMatchObject([{ version: "2" }]);
  });

  it("changes reach the store together; undefined takes a field away", async () => {
    const workshop = await Workshop.open();
    const { registry, link } = await workshop.process();
    const registration = await workshop.until(registry.register(orders("a", { zone: "a" })));
    const before = link.transactions;
    registration.update({ weight: 3 });
    registration.update({ weight: 4, zone: undefined });
    await workshop.clock.advance(1_000);
    expect(link.transactions - before).toBeLessThanOrEqual(2);
    const [found] = await workshop.until(registry.instances("orders"));
    expect(found).toMatchObject({ weight: 4 });
    expect(found).not.toHaveProperty("zone");
  });

  it("takes its leave at once, and the second time says the same", async () => {
    const workshop = await Workshop.open();
    const { registry, client } = await workshop.process();
    const registration = await workshop.until(registry.register(orders("a")));
    expect(await workshop.until(registration.deregister())).toBe("deregistered");
    expect(await workshop.until(registration.deregister())).toBe("deregistered");
    expect(registration.state).toBe("ended");
    expect(await workshop.until(client.range(withPrefix("registry/")))).toMatchObject({ count: 0 });
    expect(await workshop.until(client.leases())).toEqual([]);
  });

  it("ends with the store's client, and says why", async () => {
    const workshop = await Workshop.open();
    const { registry, client } = await workshop.process();
    const registration = await workshop.until(registry.register(orders("a")));
    await workshop.until(client.stop());
    await workshop.clock.advance(1_000);
    expect(registration.state).toBe("ended");
    expect(registration.cause).toMatchObject({ code: "stopped" });
    await expect(workshop.until(registry.register(orders("b")))).rejects.toMatchObject({
      code: "stopped",
    });
  });

  it.each([
    [{ service: "a/b" }, "service must be"],
    [{ service: "" }, "service must be"],
    [{ id: "a b" }, "id must be"],
    [{ port: 0 }, "port must be"],
    [{ weight: 0 }, "weight must be"],
    [{ weight: Infinity }, "weight must be"],
    [{ priority: 1.5 }, "priority must be"],
    [{ metadata: { large: "x".repeat(70_000) } }, "at most 65536 bytes"],
  ])("refuses an instance that makes no sense: %j", async (changes, message) => {
    const workshop = await Workshop.open();
    const { registry } = await workshop.process();
    const registering = registry.register(orders("a", changes));
    await expect(registering).rejects.toMatchObject({
      code: "invalid-option",
      message: expect.stringContaining(message) as string,
    });
  });

  it.each([
    [{ ttlSeconds: 0 }, "ttlSeconds must be"],
    [{ deregisterAfterCriticalMs: 0 }, "deregisterAfterCriticalMs must be"],
    [{ checks: { self: { check: async () => {} } } }, "no check may be called self"],
    [{ checks: { db: { check: async () => {}, timeoutMs: 0 } } }, "timeoutMs must be"],
    [{ checks: { db: { check: async () => {}, unhealthyThreshold: 0 } } }, "unhealthyThreshold"],
  ])("refuses options that make no sense: %j", async (options, message) => {
    const workshop = await Workshop.open();
    const { registry } = await workshop.process();
    await expect(registry.register(orders("a"), options)).rejects.toMatchObject({
      code: "invalid-option",
      message: expect.stringContaining(message) as string,
    });
  });
});
