import { describe, expect, it } from "vitest";
import cores from "../sim/register-core.sim.ts";
import { NO_BALLOT } from "../src/index.ts";
import { CONFIG_KEY } from "../src/register/core/register-config.ts";
import { RegisterCluster } from "./register-cluster.ts";

const SEEDS = 100;

describe("the register's cores, under a scheduler that does its worst", () => {
  it("what users were told is linearizable for each key, and all of it comes to an end", async () => {
    let answered = 0;
    let checked = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { failure, coverage } = await cores.run(seed, { mode: "safety" });
      expect(failure, `pnpm sim register-core --seed ${seed} --mode safety`).toBeUndefined();
      answered += coverage["answers under faults"]!;
      checked += coverage["checked histories"]!;
    }
    expect(answered).toBeGreaterThan(SEEDS * 5);
    expect(checked).toBeGreaterThan(SEEDS * 0.9);
  });

  it("a configuration of an epoch that has passed is not taken up again", () => {
    const cluster = new RegisterCluster(["n1", "n2", "n3"]);
    const members = ["n1", "n2", "n3"].map((node) => ({ node, birth: 0, joined: 0 }));
    const config = { epoch: 2, members, next: undefined, forgotten: NO_BALLOT };
    cluster.act("n1", (core) => core.adopt(config));
    cluster.act("n1", (core) => core.adopt({ ...config, epoch: 1 }));
    expect(cluster.core("n1").config.epoch).toBe(2);
    expect(cluster.disk("n1").keys.has(CONFIG_KEY)).toBe(false);
  });
});
