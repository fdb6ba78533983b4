import { KvError } from "../kv-error.ts";
import type { CommandResult } from "../operation-result.ts";

/** The result of a command of this kind. @throws {KvError} `corrupt` for that of another. */
export function expected<K extends CommandResult["kind"]>(
  result: CommandResult,
  kind: K,
): Extract<CommandResult, { readonly kind: K }> {
  if (result.kind === kind) return result as Extract<CommandResult, { readonly kind: K }>;
  throw new KvError("corrupt", `a node answered a ${kind} with what a ${result.kind} gives`);
}
