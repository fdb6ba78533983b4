/**
 * Paxos in three layers over one synchronous core: the single-decree Synod here, a register without a
 * leader in `./register`, a replicated log in `./log`.
 *
 * @packageDocumentation
 */
export { PaxosError, type PaxosErrorCode } from "./paxos-error.ts";
export { AcceptCount } from "./core/accept-count.ts";
export { accept, type AcceptorState, promise, UNTOUCHED } from "./core/acceptor-state.ts";
export {
  type Ballot,
  compareBallots,
  higherBallot,
  isSameBallot,
  NO_BALLOT,
  showBallot,
} from "./core/ballot.ts";
export { BallotSource } from "./core/ballot-source.ts";
export { born, type Identity, reborn } from "./core/identity.ts";
export { Outbox, type Outgoing } from "./core/outbox.ts";
export { Persistence, type Persisted, Write } from "./core/persistence.ts";
export { PromiseCount } from "./core/promise-count.ts";
export { higherProposal, type Proposal } from "./core/proposal.ts";
export {
  flexibleQuorums,
  majorityQuorums,
  type QuorumSizes,
} from "./core/quorum/flexible-quorums.ts";
export { gridQuorums } from "./core/quorum/grid-quorums.ts";
export {
  hasNode,
  MAX_NODES,
  NOBODY,
  type NodeSet,
  sizeOf,
  withNode,
} from "./core/quorum/node-set.ts";
export { type QuorumSystem, requireIntersection } from "./core/quorum/quorum-system.ts";
export { weightedQuorums } from "./core/quorum/weighted-quorums.ts";
export { Acceptor, type AcceptorEffects } from "./core/synod/acceptor.ts";
export { Learner, type LearnerParts } from "./core/synod/learner.ts";
export { Proposer, type ProposerParts } from "./core/synod/proposer.ts";
export { Backoff, type BackoffOptions } from "./core/backoff.ts";
export type { FreeMessage, Message, PromisingMessage } from "./core/synod/message.ts";
export { decodeMessage, encodeMessage } from "./core/synod/message-codec.ts";
export { SynodCore, type SynodCoreOptions, type SynodReady } from "./core/synod/synod-core.ts";
export { createSynodNode } from "./driver/create-synod-node.ts";
export type {
  SynodDependencies,
  SynodMetrics,
  SynodNode,
  SynodStatus,
} from "./driver/synod-node.ts";
export type { SynodOptions } from "./options.ts";
export type { SynodRecord } from "./storage/synod-record.ts";
export type { SynodStorage } from "./storage/synod-storage.ts";
export { WalSynodStorage, type WalSynodStorageOptions } from "./storage/wal-synod-storage.ts";
