import type { MutantsOfTarget } from "@quorate/sim";

const LOG = "packages/paxos/src/log/core";

const mutants: MutantsOfTarget = {
  target: "log-members",
  maxSeeds: 2_000,
  mutants: [
    {
      bug: "a configuration is used from the slot after the one where it is decided",
      file: `${LOG}/configurations.ts`,
      original: "const from = index + this.#window;",
      planted: "const from = index + 1;",
    },
    {
      bug: "a node that lost its data votes under its old identity",
      file: `${LOG}/configuration.ts`,
      original: "return voter.birth === undefined ? life.votes : voter.birth === life.birth;",
      planted: "return life.birth > 0;",
    },
    {
      bug: "new voters are not asked for promises before anything is proposed to them",
      file: `${LOG}/leader.ts`,
      original: "if (!this.#phase1.hasQuorum(configuration)) return false;",
      planted: "",
    },
    {
      bug: "a leader that is voted out goes on to propose",
      file: `${LOG}/leader.ts`,
      original: "if (!configuration.admits(id, life)) return false;",
      planted: "",
    },
    {
      bug: "a change of voters is not filled up with no-ops, and waits for commands",
      file: `${LOG}/leader.ts`,
      original: "while (this.lastIndex < latestFrom - 1) this.append",
      planted: "while (this.lastIndex < -1) this.append",
    },
    {
      bug: "one that lags and is needed is not told what is decided",
      file: `${LOG}/log-core.ts`,
      original: "if (decided < acceptor.decided) this.#teach(from, decided);",
      planted: "",
    },
    {
      bug: "a snapshot is taken without knowing who votes after it",
      file: `${LOG}/log-core.ts`,
      original:
        "return last.index > acceptor.decided && acceptor.knowsConfigurationsUpTo(last.index);",
      planted: "return last.index > acceptor.decided;",
    },
  ],
};

export default mutants;
