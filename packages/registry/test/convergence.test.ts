import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Registration, ServiceSnapshot } from "../src/index.ts";
import { orders, Workshop } from "./workshop.ts";

const TTL_SECONDS = 2;
const HOSTS = 3;

/** One step of what happens to a host: one of its own instance, the others of its connection. */
const STEP = fc.record({
  host: fc.nat({ max: HOSTS - 1 }),
  what: fc.constantFrom("register", "deregister", "cut", "heal", "report"),
  afterMs: fc.constantFrom(0, 50, 1_000, 5_000),
});

describe("registrations and watches, through cuts of any length", () => {
  it("in the end every watch tells exactly those that are registered, as they are", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(STEP, { maxLength: 25 }), async (steps) => {
        const workshop = await Workshop.open();
        const hosts = await Promise.all(Array.from({ length: HOSTS }, () => workshop.process()));
        const instances = new Map<number, Registration>();
        const seen = new Map<number, ServiceSnapshot>();
        const watches = hosts.map(({ registry }, at) => {
          const watch = registry.watch("orders", { protection: { maxMs: 20_000 } });
          void (async () => {
            for await (const snapshot of watch) seen.set(at, snapshot);
          })();
          return watch;
        });
        const ending: Promise<unknown>[] = [];
        for (const [number, { host, what, afterMs }] of steps.entries()) {
          const { registry, link } = hosts[host]!;
          const registered = instances.get(host);
          if (what === "cut") link.cut();
          if (what === "heal") link.heal();
          if (what === "report") registered?.report("warning", `step ${number}`);
          if (what === "deregister" && registered) {
            instances.delete(host);
            ending.push(registered.deregister());
          }
          if (what === "register" && !registered) {
            const instance = orders(`host-${host}-${number}`);
            ending.push(
              registry
                .register(instance, { ttlSeconds: TTL_SECONDS })
                .then((kept) => instances.set(host, kept)),
            );
            await workshop.clock.advance(1_000);
            for (const each of hosts) each.link.heal();
            await workshop.until(Promise.all(ending));
          }
          await workshop.clock.advance(afterMs);
        }
        for (const { link } of hosts) link.heal();
        await workshop.clock.advance(60_000);
        await workshop.until(Promise.all(ending));
        const expected = [...instances.values()].map(({ instance, health }) => ({
          ...instance,
          health,
          isExpired: false,
        }));
        expected.sort((a, b) => (a.id < b.id ? -1 : 1));
        for (const registration of instances.values())
          expect(registration.state).toBe("registered");
        for (const at of watches.keys()) {
          expect(seen.get(at)).toMatchObject({ isStale: false, isProtected: false });
          expect(seen.get(at)?.instances).toMatchObject(expected);
          expect(seen.get(at)?.instances).toHaveLength(expected.length);
        }
        await workshop.until(Promise.all(watches.map(async (watch) => watch.return?.())));
      }),
      { numRuns: 40 },
    );
  }, 120_000);
});
