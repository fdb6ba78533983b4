import type { MutantsOfTarget } from "@quorate/sim";

const REGISTER = "packages/paxos/src/register";

const mutants: MutantsOfTarget = {
  target: "register-core",
  maxSeeds: 2_000,
  mutants: [
    {
      bug: "frames of an earlier epoch count",
      file: `${REGISTER}/core/register-core.ts`,
      original: 'return this.#outbox.control(from, { kind: "config", config: this.#config });',
      planted: 'this.#outbox.control(from, { kind: "config", config: this.#config });',
    },
    {
      bug: "new members need not accept during a change of members",
      file: `${REGISTER}/core/config-quorums.ts`,
      original: "isOld(set) && isNew(set)",
      planted: "isOld(set) && (isNew(set) || true)",
    },
    {
      bug: "a request is never sent again",
      file: `${REGISTER}/core/key-proposer.ts`,
      original: "    else this.#sendAgain();",
      planted: "    else this.#sinceSentMs = 0;",
    },
  ],
};

export default mutants;
