/**
 * Histories of what clients did, and checks of them: is there an order that explains every result?
 * Pure TypeScript, without Node: a browser can check what a server's clients recorded.
 *
 * @example
 * ```ts
 * import {
 *   checkLinearizability,
 *   History,
 *   type RegisterInput,
 *   registerModel,
 *   type RegisterOutput,
 * } from "@quorate/simulation/checker";
 *
 * const history = new History<RegisterInput, RegisterOutput>();
 * const write = history.invoke("ada", { op: "write", key: "x", value: 1 });
 * history.complete(write);
 * const read = history.invoke("bob", { op: "read", key: "x" });
 * history.complete(read, null); // the write was acknowledged, and is not seen
 * console.log(checkLinearizability(history.operations, registerModel()).kind); // violation
 * ```
 *
 * @packageDocumentation
 */
export type { Invocation, Operation } from "../history/operation.ts";
export {
  History,
  type HistoryDependencies,
  type HistoryOptions,
  type OperationHandle,
} from "../history/history.ts";
export { formatHistory, parseHistory } from "../history/json-lines.ts";
export type { Model, Scalar } from "../models/model.ts";
export { counterModel, type CounterInput, type CounterOutput } from "../models/counter.ts";
export {
  keyValueModel,
  type KeyValueInput,
  type KeyValueOutput,
  type KeyValueState,
} from "../models/key-value.ts";
export { mutexModel, type MutexInput, type MutexOutput, type MutexState } from "../models/mutex.ts";
export { queueModel, type QueueInput, type QueueOutput, type QueueState } from "../models/queue.ts";
export { registerModel, type RegisterInput, type RegisterOutput } from "../models/register.ts";
export { setModel, type SetInput, type SetOutput } from "../models/set.ts";
export {
  checkLinearizability,
  type CheckResult,
  type Linearizable,
  type Undecided,
  type Violation,
} from "./check-linearizability.ts";
export { checkEffects, type Effects, type EffectsReport } from "./check-effects.ts";
export { CheckerError, type CheckerErrorCode } from "./checker-error.ts";
export type { CheckOptions } from "./options.ts";
export type { SearchBound } from "./search.ts";
export { violationPage } from "./picture/violation-page.ts";
