/**
 * Layer 2: a map of registers without a leader and without a log (CASPaxos). Any node reads, writes,
 * compares and updates; each key is a Synod of its own that goes on for ever.
 *
 * @example
 * ```ts
 * import { createRegisterNode } from "@quorate/paxos/register";
 * import { createTcpTransport } from "@quorate/transport/tcp";
 *
 * const peers = {
 *   ada: { host: "10.0.0.1", port: 7000 },
 *   bob: { host: "10.0.0.2", port: 7000 },
 *   cyd: { host: "10.0.0.3", port: 7000 },
 * };
 * const listen = { port: 7000 };
 * const transport = createTcpTransport({ nodeId: "ada", clusterId: "shop", listen, peers });
 * await transport.start();
 * const members = Object.keys(peers);
 * const node = createRegisterNode({ members, directory: "./data", bootstrap: true }, { transport });
 * await node.start();
 * const outcome = await node.update("visits", (count) => Uint8Array.of((count?.[0] ?? 0) + 1));
 * ```
 *
 * @packageDocumentation
 */
export { PaxosError, type PaxosErrorCode } from "../paxos-error.ts";
export type {
  RegisterCommitted,
  RegisterOutcome,
  RegisterRejected,
  RegisterRejection,
  RegisterUncertainty,
  RegisterUnknown,
  Versioned,
} from "./core/outcome.ts";
export type { KeyState, RegisterRecord } from "./core/register-record.ts";
export type { Version } from "./core/version.ts";
export { createRegisterNode } from "./create-register-node.ts";
export type {
  CallOptions,
  Compared,
  Expected,
  RegisterDependencies,
  RegisterMetrics,
  RegisterNode,
  RegisterStatus,
} from "./register-node.ts";
export type { RegisterOptions } from "./register-options.ts";
export {
  LogRegisterStorage,
  type LogRegisterStorageOptions,
} from "./storage/log-register-storage.ts";
export type {
  KeyPage,
  LoadedRegister,
  RegisterStorage,
  RegisterStorageMetrics,
} from "./storage/register-storage.ts";
