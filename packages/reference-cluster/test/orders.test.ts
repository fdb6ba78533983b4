import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readOrderFile } from "../src/orders/order-file.ts";
import { firstOrders } from "../src/orders/order-generator.ts";
import { orderFault } from "../src/orders/order-schema.ts";
import { temporaryFolder } from "./child.ts";

describe("generated orders", () => {
  it("are the same for the same seed, however many are asked for, and pass the gateway's schema", () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(40), fc.nat(40), (seed, some, more) => {
        const orders = firstOrders(seed, some + more);
        expect(firstOrders(seed, some)).toEqual(orders.slice(0, some));
        for (const order of orders) expect(orderFault(order)).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });

  it("differ with the seed", () => {
    expect(firstOrders("a", 20)).not.toEqual(firstOrders("b", 20));
  });
});

describe("a file of orders", () => {
  async function read(text: string): Promise<unknown> {
    const folder = await temporaryFolder();
    try {
      const file = join(folder.path, "orders.jsonl");
      await writeFile(file, text);
      return await readOrderFile(file);
    } finally {
      await folder.remove();
    }
  }
  const [good] = firstOrders("a", 1);
  const line = JSON.stringify(good);

  it("has one a line; empty lines are passed over", async () => {
    expect(await read(`${line}\n\n${line}\n`)).toEqual([good, good]);
  });

  it.each([
    ["text that is not JSON", "{", /orders\.jsonl:3: not JSON/],
    ["a missing field", '{"merchantId":"m1"}', /:3: the order must have required property/],
    ["a field too many", JSON.stringify({ ...good, tip: 1 }), /:3: .*tip/],
    ["a wrong type", JSON.stringify({ ...good, items: "soup" }), /:3: the order\.items must be/],
    [
      "an id that is no part of a key",
      JSON.stringify({ ...good, merchantId: "a/b" }),
      /merchantId/,
    ],
  ])("is refused with the number of the line for %s", async (_, bad, message) => {
    await expect(read(`${line}\n\n${bad}\n${line}\n`)).rejects.toMatchObject({
      code: "bad-input",
      message: expect.stringMatching(message),
    });
  });

  it("is refused when there is none in it", async () => {
    await expect(read("\n")).rejects.toMatchObject({ code: "bad-input" });
  });
});
