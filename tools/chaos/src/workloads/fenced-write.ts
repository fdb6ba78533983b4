import { type KvClient, put, value, type WriteOutcome } from "@quorate/kv";

/** What locks protect is below it: a key for each, which holds the last write that was accepted. */
export const GUARDED_PREFIX = "guarded/";

const TOKEN_DIGITS = 16;

/**
 * Writes `text` to what the lock protects, unless a newer token has written there. The largest token is kept
 * in the same store and looked at in the same transaction, so that it does not matter when this arrives.
 */
export async function fencedWrite(
  kv: Pick<KvClient, "transaction">,
  { name, token }: { readonly name: string; readonly token: bigint },
  text: string,
  timeoutMs: number,
): Promise<"accepted" | "refused" | "rejected" | "unknown"> {
  const fence = `fence/${name}`;
  const padded = String(token).padStart(TOKEN_DIGITS, "0"); // compared as bytes
  const change = {
    // Asked this way round it also holds for the first write: of a missing key no value is larger.
    compares: [value(fence, ">", padded)],
    success: [],
    failure: [put(fence, padded), put(`${GUARDED_PREFIX}${name}`, `${token} ${text}`)],
  };
  return told(await kv.transaction(change, { timeoutMs }));
}

/** The token, and the text, of an accepted write. */
export function parsedWrite(written: string): { readonly token: bigint; readonly text: string } {
  const at = written.indexOf(" ");
  return { token: BigInt(written.slice(0, at)), text: written.slice(at + 1) };
}

/** @throws on a rejection that no fault explains. */
function told(
  outcome: WriteOutcome<{ readonly succeeded: boolean }>,
): "accepted" | "refused" | "rejected" | "unknown" {
  if (outcome.kind === "unknown") return "unknown";
  if (outcome.kind === "committed") return outcome.result.succeeded ? "refused" : "accepted";
  if (outcome.reason === "unavailable" || outcome.reason === "overloaded") return "rejected";
  throw new Error(`a fenced write was rejected: ${outcome.reason}`);
}
