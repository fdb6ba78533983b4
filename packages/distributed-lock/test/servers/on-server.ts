import { afterAll, afterEach, beforeAll, describe } from "vitest";
import { coordinationStoreCompliance } from "../../src/compliance/index.ts";
import { exampleCase } from "./example-case.ts";
import { failureCases } from "./failure-cases.ts";
import { recipeCases } from "./recipe-cases.ts";
import type { ServerKind } from "./server.ts";
import { Workbench } from "./workbench.ts";

/** All that a store must do on a real server, and `ownCases`; left out, with the reason, without one. */
export function onServer(kind: ServerKind, ownCases: (bench: Workbench) => void): void {
  const leftOut = kind.missing === undefined ? "" : `: left out, ${kind.missing}`;
  describe.skipIf(kind.missing !== undefined)(`on a real ${kind.name}${leftOut}`, () => {
    const bench = new Workbench(kind);
    beforeAll(() => bench.start());
    afterEach(() => bench.closeAll());
    afterAll(() => bench.stop());

    coordinationStoreCompliance(`the store on ${kind.name}`, async () => ({
      minTtlMs: kind.minTtlMs,
      connect: async () => (await bench.connect()).store,
      stop: () => bench.closeAll(),
    }));
    recipeCases(bench);
    if (kind.hasExample !== false) exampleCase(kind, bench);
    ownCases(bench);
    // Last: they kill the server.
    failureCases(kind, bench);
  });
}
