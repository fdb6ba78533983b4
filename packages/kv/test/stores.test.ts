import { createMemoryNetwork, type Transport } from "@quorate/transport";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createKvClient, type KvClient, serveKv, utf8 } from "../src/index.ts";
import { TestCluster } from "./test-cluster.ts";

const STORES = ["red", "blue", undefined];

describe("several stores over one transport", () => {
  let transport: Transport;
  let clients: Map<string | undefined, KvClient>;

  beforeEach(async () => {
    transport = createMemoryNetwork().transport("a");
    await transport.start();
    clients = new Map(
      STORES.map((store) => {
        const named = store === undefined ? {} : { store };
        serveKv(new TestCluster().log("a"), transport, named);
        return [store, createKvClient({ nodes: ["a"], ...named }, { transport })];
      }),
    );
  });

  afterEach(async () => {
    await Promise.all([...clients.values()].map((client) => client.stop()));
    await transport.stop();
  });

  it("a client reads and writes the store of its own name, and no other", async () => {
    for (const [store, client] of clients) {
      expect(await client.put("k", `of ${store}`)).toMatchObject({ kind: "committed" });
    }
    for (const [store, client] of clients) {
      const found = await client.get("k");
      expect(utf8(found!.value)).toBe(`of ${store}`);
      expect(found!.version).toBe(1);
    }
  });

  it("one that no node serves is `unavailable`", async () => {
    const other = createKvClient({ nodes: ["a"], store: "green", timeoutMs: 20 }, { transport });
    await expect(other.get("k")).rejects.toMatchObject({ code: "unavailable" });
    await other.stop();
  });

  it.each(["", "a/b", "ü", "x".repeat(65)])("refuses %j as a name", (store) => {
    const refusal = expect.objectContaining({ code: "invalid-option" }) as Error;
    expect(() => serveKv(new TestCluster().log("a"), transport, { store })).toThrow(refusal);
    expect(() => createKvClient({ nodes: ["a"], store }, { transport })).toThrow(refusal);
  });
});
