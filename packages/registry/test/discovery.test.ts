import { withPrefix } from "@quorate/kv";
import { createLoadBalancer } from "@quorate/load-balancer";
import { describe, expect, it } from "vitest";
import type { Registration, ServiceSnapshot } from "../src/index.ts";
import { orders, Workshop } from "./workshop.ts";

type Snapshots = AsyncIterableIterator<ServiceSnapshot>;

/** Who is in the next snapshot; expired ones in brackets. */
async function next(workshop: Workshop, watch: Snapshots): Promise<string[]> {
  const { value } = await workshop.until(watch.next());
  return (value as ServiceSnapshot).instances.map(({ id, isExpired }) =>
    isExpired ? `(${id})` : id,
  );
}

async function registered(workshop: Workshop, ...ids: readonly string[]): Promise<Registration[]> {
  const { registry } = await workshop.process();
  const registering = ids.map((id) => registry.register(orders(id), { ttlSeconds: 5 }));
  return workshop.until(Promise.all(registering));
}

describe("a watch of a service", () => {
  it("tells what is there, and then every change, without a gap", async () => {
    const workshop = await Workshop.open();
    const [a] = await registered(workshop, "a");
    const watch = (await workshop.process()).registry.watch("orders");
    expect(await next(workshop, watch)).toEqual(["a"]);
    await registered(workshop, "b");
    expect(await next(workshop, watch)).toEqual(["a", "b"]);
    a!.report("warning");
    const { value } = await workshop.until(watch.next());
    expect((value as ServiceSnapshot).instances[0]).toMatchObject({ id: "a", health: "warning" });
    await workshop.until(a!.deregister());
    expect(await next(workshop, watch)).toEqual(["b"]);
    await watch.return?.();
  });

  it("a service that nobody has registered is there, without instances", async () => {
    const workshop = await Workshop.open();
    const { registry } = await workshop.process();
    const watch = registry.watch("orders");
    expect(await next(workshop, watch)).toEqual([]);
    await registered(workshop, "a");
    expect(await next(workshop, watch)).toEqual(["a"]);
    await watch.return?.();
  });

  it("a slow reader gets the newest snapshot, not all between", async () => {
    const workshop = await Workshop.open();
    const watch = (await workshop.process()).registry.watch("orders");
    expect(await next(workshop, watch)).toEqual([]);
    for (const id of ["a", "b", "c"]) await registered(workshop, id);
    await workshop.clock.advance(100);
    expect(await next(workshop, watch)).toEqual(["a", "b", "c"]);
    await watch.return?.();
  });

  it("the store is out of reach: the last known instances stay, stale, until it is back", async () => {
    const workshop = await Workshop.open();
    await registered(workshop, "a", "b");
    const { registry, link } = await workshop.process();
    const errors: Error[] = [];
    const watch = registry.watch("orders", { onError: (error) => errors.push(error) });
    expect(await next(workshop, watch)).toEqual(["a", "b"]);
    link.cut();
    const { value: stale } = await workshop.until(watch.next());
    expect(stale).toMatchObject({ isStale: true, instances: [{ id: "a" }, { id: "b" }] });
    expect(errors[0]?.message).toContain("cut");
    await registered(workshop, "c");
    link.heal();
    const { value: fresh } = await workshop.until(watch.next());
    const ids = [{ id: "a" }, { id: "b" }, { id: "c" }];
    expect(fresh).toMatchObject({ isStale: false, instances: ids });
    await watch.return?.();
  });

  it("when most expire at once they are kept, and the snapshot says so", async () => {
    const workshop = await Workshop.open();
    const doomed = await workshop.process();
    const registering = ["a", "b", "c"].map((id) =>
      doomed.registry.register(orders(id), { ttlSeconds: 5 }),
    );
    await workshop.until(Promise.all(registering));
    await registered(workshop, "d");
    const watch = (await workshop.process()).registry.watch("orders");
    expect(await next(workshop, watch)).toEqual(["a", "b", "c", "d"]);
    await workshop.until(doomed.client.stop());
    await workshop.clock.advance(20_000);
    const { value } = await workshop.until(watch.next());
    expect(value).toMatchObject({ isProtected: true });
    expect((value as ServiceSnapshot).instances.map(({ isExpired }) => isExpired)).toEqual([
      true,
      true,
      true,
      false,
    ]);
    await registered(workshop, "a", "b");
    await workshop.clock.advance(100);
    expect(await next(workshop, watch)).toEqual(["a", "b", "d"]);
    await watch.return?.();
  });

  it("goes on from a fresh read when the revisions that it missed are compacted", async () => {
    const workshop = await Workshop.open();
    await registered(workshop, "a");
    const { registry, link, client } = await workshop.process();
    const watch = registry.watch("orders");
    expect(await next(workshop, watch)).toEqual(["a"]);
    link.cut();
    await next(workshop, watch);
    await registered(workshop, "b");
    const { revision } = await workshop.until(client.range(withPrefix("registry/")));
    await workshop.until(client.compact(revision));
    link.heal();
    expect(await next(workshop, watch)).toEqual(["a", "b"]);
    await watch.return?.();
  });

  it("what no registry wrote is left out, and told", async () => {
    const workshop = await Workshop.open();
    const { registry, client } = await workshop.process();
    await workshop.until(client.put("registry/orders/x", "not JSON"));
    await workshop.until(client.put("registry/orders/y", '{"host":"h"}'));
    await workshop.until(client.put("registry/orders/z/z", "{}"));
    const codes: unknown[] = [];
    const onError = (error: unknown) => codes.push((error as { code: string }).code);
    const watch = registry.watch("orders", { onError });
    expect(await next(workshop, watch)).toEqual([]);
    expect(codes).toEqual(["malformed-record", "malformed-record", "malformed-record"]);
    await registered(workshop, "a");
    expect(await next(workshop, watch)).toEqual(["a"]);
    await workshop.until(client.put("registry/orders/x", "still not"));
    await workshop.clock.advance(100);
    expect(codes).toHaveLength(4);
    await watch.return?.();
  });

  it("ends with its signal, with its loop, and, as an error, with the store's client", async () => {
    const workshop = await Workshop.open();
    const { registry, client } = await workshop.process();
    const given = new AbortController();
    const watch = registry.watch("orders", { signal: given.signal });
    await next(workshop, watch);
    const end = watch.next();
    given.abort();
    expect(await workshop.until(end)).toEqual({ done: true, value: undefined });
    const stopped = registry.watch("orders");
    await next(workshop, stopped);
    const failure = expect(workshop.until(stopped.next())).rejects.toMatchObject({
      code: "stopped",
    });
    await workshop.until(client.stop());
    await failure;
  });

  it("finds more instances than one read brings", async () => {
    const workshop = await Workshop.open();
    const ids = Array.from({ length: 230 }, (_, at) => `i${String(at).padStart(3, "0")}`);
    await registered(workshop, ...ids);
    const { registry } = await workshop.process();
    const found = await workshop.until(registry.instances("orders"));
    expect(found.map(({ id }) => id)).toEqual(ids);
  });

  it("errors of `instances` are the registry's own; the cause is the store's", async () => {
    const workshop = await Workshop.open();
    const { registry, link, client } = await workshop.process();
    link.cut();
    await expect(registry.instances("orders")).rejects.toMatchObject({ code: "unavailable" });
    link.heal();
    await workshop.until(client.stop());
    await expect(registry.services()).rejects.toMatchObject({ code: "stopped" });
    expect(() => registry.watch("a/b")).toThrow("service must be");
    expect(() => registry.watch("a", { protection: { share: 2 } })).toThrow("protection.share");
  });
});

describe("endpoints for a load balancer", () => {
  it("feed it directly: critical ones are left out, and whoever leaves is gone", async () => {
    const workshop = await Workshop.open();
    const [a, b] = await registered(workshop, "a", "b");
    const { registry } = await workshop.process();
    const clock = workshop.clock;
    const endpoints = registry.endpoints("orders");
    const balancer = createLoadBalancer({ endpoints }, { clock });
    const ids = () => balancer.endpoints.map(({ endpoint }) => endpoint.id);
    await workshop.until(balancer.start());
    expect(ids()).toEqual(["a", "b"]);
    a!.report("critical", "no database");
    await workshop.clock.advance(100);
    expect(ids()).toEqual(["b"]);
    a!.report("warning");
    await workshop.clock.advance(100);
    expect(ids().toSorted()).toEqual(["a", "b"]);
    await workshop.until(b!.deregister());
    await workshop.clock.advance(100);
    expect(ids()).toEqual(["a"]);
    await workshop.until(balancer.stop());
  });

  it("have what the instance says of itself, its version among the metadata", async () => {
    const workshop = await Workshop.open();
    const { registry } = await workshop.process();
    const given = orders("a", { zone: "z", weight: 2, version: "3", metadata: { k: "v" } });
    await workshop.until(registry.register(given));
    const endpoints = registry.endpoints("orders", { health: "passing" });
    const { value } = await workshop.until(endpoints.next());
    const { service: _, version: __, ...rest } = given;
    expect(value).toEqual([{ ...rest, metadata: { k: "v", version: "3" } }]);
    await workshop.until(endpoints.return!());
  });
});
