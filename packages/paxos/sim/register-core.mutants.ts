import type { MutantsOfTarget } from "@quorate/sim";

const REGISTER = "packages/paxos/src/register";

const mutants: MutantsOfTarget = {
  target: "register-core",
  maxSeeds: 400,
  mutants: [
    // That frames of an earlier epoch count does no harm alone: an acceptor's answer has the epoch of
    // the acceptor, and who asked in an earlier one drops it (docs/decisions/0161). So both at once:
    {
      bug: "frames count whatever their epoch",
      file: `${REGISTER}/core/register-core.ts`,
      original: "    const { epoch } = this.#config;",
      planted: "    const { epoch } = frame;",
    },
    {
      bug: "who is behind is not told of the configuration",
      file: `${REGISTER}/core/register-core.ts`,
      original: 'return this.#outbox.control(from, { kind: "config", config: this.#config });',
      planted: "return;",
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
