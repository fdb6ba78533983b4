import { describe, expect, it } from "vitest";
import {
  checkLinearizability,
  type Operation,
  registerModel,
  type RegisterInput,
  type Scalar,
  violationPage,
} from "../../src/checker/index.ts";
import { lanesOf } from "../../src/checker/picture/lanes.ts";
import { at } from "./recorder.ts";

const key = "x";
const write = (value: Scalar): RegisterInput => ({ op: "write", key, value });
const read: RegisterInput = { op: "read", key };

function page(operations: readonly Operation<RegisterInput, Scalar>[]): string {
  const result = checkLinearizability(operations, registerModel());
  if (result.kind !== "violation") return expect.unreachable();
  return violationPage(result, registerModel());
}

describe("violationPage", () => {
  const stale = page([
    at("ada", 0, 10, write(1)),
    at("ada", 20, 30, write(2)),
    at("bob", 25, 28, read, 2),
    at("bob", 40, 50, read, 1),
  ]);

  it("marks the longest order by numbers, and the operation without a place", () => {
    expect(stale.match(/class="placed"/g)).toHaveLength(2);
    expect(stale.match(/class="unplaced"/g)).toHaveLength(1);
    expect(stale).toMatch(/class="unplaced"><title>bob: read → 1/);
    expect(stale).toContain("3 operations of the 4 on this register");
    expect(stale).toContain("<td>2</td><td>ada</td><td>write(2)</td><td>2</td>");
  });

  it("is self-contained: no script, nothing fetched", () => {
    expect(stale).not.toMatch(/<script|<link|src=|url\(|https?:/);
    expect(stale).toContain("prefers-color-scheme: dark");
  });

  it("escapes what clients wrote", () => {
    const html = page([at("<b>", 0, 10, read, '"><script>&')]);
    expect(html).not.toContain("<b>");
    expect(html).not.toContain("<script>");
    expect(html).toContain("&quot;&gt;&lt;script&gt;&amp;");
  });

  it("draws the last 500 operations of a longer sub-history, and says so", () => {
    const chain = Array.from({ length: 600 }, (_, step): Operation<RegisterInput, Scalar> => {
      const value = { expected: step === 0 ? null : step - 1, update: step };
      return at("ada", 2 * step, 2 * step + 1, { op: "compareAndSet", key, value }, true);
    });
    const html = page([...chain, at("bob", 2_000, 2_001, read, 7)]);
    expect(html).toContain("The first 101 are not drawn.");
    expect(html.match(/<rect/g)).toHaveLength(500);
    expect(html.match(/class="unplaced"/g)).toHaveLength(1);
  });
});

describe("lanes of a picture", () => {
  it("a lane a client, one more where its operations overlap, columns in the order of time", () => {
    const { bars, clients, columns } = lanesOf([
      at("ada", 0, 1_000_000, read),
      at("bob", 5, null, read),
      at("ada", 10, 20, read),
      at("bob", 30, 40, read),
    ]);
    expect(clients).toEqual(["ada", "ada", "bob", "bob"]);
    expect(columns).toBe(7);
    expect(bars.map(({ lane, from, to }) => [lane, from, to])).toEqual([
      [0, 0, 6],
      [1, 2, 3],
      [2, 1, null],
      [3, 4, 5],
    ]);
  });
});
