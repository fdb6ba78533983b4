import {
  type BytesLike,
  type CommandResult,
  decodeResult,
  encodeCommand,
  type KeyValue,
  type Command,
  type KvStateMachine,
  type Operation,
  type OperationResult,
} from "../src/index.ts";

/** Applies one command and reads the answer. */
export function run(machine: KvStateMachine, command: Command): CommandResult<string> {
  const [result] = machine.apply([{ index: 1, command: encodeCommand(command) }]);
  return inText(decodeResult(result as Uint8Array));
}

export function query(machine: KvStateMachine, operation: Operation): CommandResult<string> {
  return inText(decodeResult(machine.query(encodeCommand(operation))));
}

export function put(key: BytesLike, value: BytesLike = "v"): Operation {
  return { kind: "put", key, value };
}

/** The result with keys and values as UTF-8, to compare with what was expected. */
export function inText(result: CommandResult): CommandResult<string> {
  switch (result.kind) {
    case "put":
    case "delete":
    case "range":
    case "transaction":
      return textOf(result);
    case "compact":
    case "grant-lease":
    case "revoke-lease":
    case "disarm":
    case "refused":
      return result;
  }
}

function textOf(result: OperationResult): OperationResult<string> {
  switch (result.kind) {
    case "put":
      return { ...result, prevKv: result.prevKv && textOfKv(result.prevKv) };
    case "delete":
      return { ...result, prevKvs: result.prevKvs.map(textOfKv) };
    case "range":
      return { ...result, kvs: result.kvs.map(textOfKv) };
    case "transaction":
      return { ...result, results: result.results.map(textOf) };
  }
}

function textOfKv(kv: KeyValue): KeyValue<string> {
  return { ...kv, key: text(kv.key), value: text(kv.value) };
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8");
}
