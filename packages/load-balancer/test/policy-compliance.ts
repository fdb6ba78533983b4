import { seededRandom } from "@quorate/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Fleet } from "../src/core/fleet.ts";
import type { Chooser, Policy } from "../src/core/policy.ts";
import { createPolicy, type PolicyOptions } from "../src/core/policy-options.ts";

/** A fleet under a policy, as a client would use it. */
export class Table {
  readonly fleet = new Fleet();
  readonly policy: Policy;
  readonly chooser: Chooser;
  slots: number[];

  constructor(options: PolicyOptions, weights: readonly number[], seed = 1) {
    this.policy = createPolicy(options, this.fleet, seededRandom(seed));
    this.chooser = this.policy.chooser();
    this.slots = weights.map((weight, at) => this.join(`e${at}`, weight));
    this.use(this.slots);
  }

  join(id: string, weight: number): number {
    const slot = this.fleet.add({ id, host: "127.0.0.1", port: 1, weight });
    this.policy.joined?.(slot, 0);
    return slot;
  }

  use(slots: readonly number[]): void {
    this.slots = [...slots];
    this.chooser.update({ slots: Int32Array.from(slots), count: slots.length });
  }

  pick(nowMs: number, hashKey?: string): number {
    const slot = this.chooser.pick(nowMs, hashKey === undefined ? undefined : { hashKey });
    this.fleet.begin(slot);
    this.policy.started?.(slot, nowMs);
    return slot;
  }

  finish(slot: number, nowMs: number, latencyMs: number, failed = false): void {
    this.fleet.end(slot);
    this.policy.finished?.(slot, nowMs, latencyMs, failed);
  }
}

/** What every policy promises, whatever it goes by. */
export function policyCompliance(options: PolicyOptions): void {
  describe(`policy ${options.kind}`, () => {
    it("picks candidates only, whatever the requests, failures and changes", () => {
      const step = fc.oneof(
        fc.record({ kind: fc.constant("pick" as const), key: fc.string() }),
        fc.record({ kind: fc.constant("finish" as const), failed: fc.boolean(), at: fc.nat(50) }),
        fc.record({ kind: fc.constant("use" as const), keep: fc.array(fc.boolean()) }),
      );
      fc.assert(
        fc.property(
          fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 12 }),
          fc.array(step, { maxLength: 60 }),
          (weights, steps) => {
            const table = new Table(options, weights);
            const all = [...table.slots];
            const open: number[] = [];
            for (const [at, next] of steps.entries()) {
              if (next.kind === "use") {
                const kept = all.filter((_, index) => next.keep[index] ?? true);
                table.use(kept.length > 0 ? kept : all);
              } else if (next.kind === "finish") {
                const slot = open.splice(next.at % Math.max(1, open.length), 1)[0];
                if (slot !== undefined) table.finish(slot, at, 1 + (next.at % 7), next.failed);
              } else {
                const slot = table.pick(at, next.key);
                expect(table.slots).toContain(slot);
                open.push(slot);
              }
            }
            expect(table.fleet.totalInFlight).toBe(open.length);
          },
        ),
        { numRuns: 60 },
      );
    });

    it("reaches every endpoint when all are alike and answer alike", () => {
      const table = new Table(options, [1, 1, 1, 1, 1]);
      const picked = new Set<number>();
      for (let request = 0; request < 500; request++) {
        const slots = [0, 1, 2].map((at) => table.pick(request, `key ${request} ${at}`));
        for (const slot of slots) {
          picked.add(slot);
          table.finish(slot, request + 5, 5);
        }
      }
      expect(picked.size).toBe(5);
    });

    it("is the same for the same seed", () => {
      const run = (): readonly number[] => {
        const table = new Table(options, [3, 1, 2, 1], 42);
        return Array.from({ length: 200 }, (_, at) => {
          const slot = table.pick(at, `key ${at}`);
          if (at % 3 !== 0) table.finish(slot, at + 0.5, 0.5 + slot);
          return slot;
        });
      };
      expect(run()).toEqual(run());
    });

    it("a request that was cancelled teaches nothing, and is no longer in flight", () => {
      const table = new Table(options, [1, 1]);
      for (let at = 0; at < 20; at++) table.finish(table.pick(at), at, -1);
      expect(table.fleet.totalInFlight).toBe(0);
      expect(table.policy.expectedMs?.(0, 20)).toBeUndefined();
    });
  });
}
