export { ALL_KEYS, type KeyRange, withPrefix } from "./prefix.ts";
export { type BytesLike, utf8 } from "./byte-string.ts";
export { encodeCommand } from "./codec/encode-operation.ts";
export { decodeResult } from "./codec/decode-result.ts";
export { KvStateMachine } from "./kv-state-machine.ts";
export { type CommandErrorCode, KvError, type KvErrorCode } from "./kv-error.ts";
export { MAX_OPERATIONS, MAX_REQUEST_BYTES, MAX_RESULT_BYTES } from "./limits.ts";
export type * from "./operation.ts";
export type * from "./operation-result.ts";
