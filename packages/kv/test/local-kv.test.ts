import { VirtualClock } from "@quorate/runtime/testing";
import { describe, expect, it } from "vitest";
import { withPrefix } from "../src/index.ts";
import { startLocalKv } from "../src/local/index.ts";

describe("a local store", () => {
  it("serves several clients, with watches and leases as in a cluster", async () => {
    const clock = new VirtualClock();
    const store = await startLocalKv({}, { clock });
    const [ada, bob] = [await store.client(), await store.client()];
    const watch = bob.watch(withPrefix("courier/"));
    await clock.until(watch.started);
    const lease = await clock.until(ada.grantLease({ ttlSeconds: 5, keepAlive: false }));
    await clock.until(ada.put("courier/7", "here", { lease: lease.id }));
    const put = await clock.until(watch.next());
    expect(put.value.events).toMatchObject([{ kind: "put", kv: { lease: lease.id } }]);
    const gone = await clock.until(watch.next());
    expect(gone.value.events).toMatchObject([{ kind: "delete" }]);
    expect(clock.now()).toBeGreaterThanOrEqual(5_000);
    expect(await clock.until(bob.get("courier/7"))).toBeUndefined();
    await clock.until(store[Symbol.asyncDispose]());
    await expect(ada.get("courier/7")).rejects.toMatchObject({ code: "stopped" });
  });
});
