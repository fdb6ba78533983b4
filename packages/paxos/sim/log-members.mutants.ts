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
      firstSeed: 867,
    },
    {
      bug: "a node that lost its data votes under its old identity",
      file: `${LOG}/configuration.ts`,
      original: "return voter.birth === undefined ? life.votes : voter.birth === life.birth;",
      planted: "return life.birth > 0;",
      firstSeed: 370,
    },
    {
      bug: "new voters are not asked what they have accepted before a leader goes on with its own",
      file: `${LOG}/leader.ts`,
      original:
        "if (this.#lacksPromises || (this.#phase1.findsConfiguration && !isDecided)) return;",
      planted: "if (isDecided === undefined) return;",
      firstSeed: 1303,
    },
    {
      bug: "a leader's own promise that came late is never asked for again",
      file: `${LOG}/leader.ts`,
      original: "if (node === id) this.#member.promiseItself(ballot, from);",
      planted: "if (node === id) return;",
      firstSeed: 980,
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
      firstSeed: 150,
    },
  ],
};

export default mutants;
