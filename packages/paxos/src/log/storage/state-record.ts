import { ReplicationError } from "@quorate/replication";
import type { Identity } from "../../core/identity.ts";
import type { StateRecord } from "../core/log-record.ts";

/** What the last state record says: whose data this is, in which life, and what it has promised. */
export interface StoredState extends Omit<StateRecord, "kind"> {
  readonly identity: Identity;
  /** Those that vote in the first slots. */
  readonly voters: readonly string[];
  /** α. */
  readonly window: number;
}

/** No kind of entry begins with this byte. */
export const STATE_BYTE = 16;

/** JSON: it is written once an election, and a person may want to read it. */
export function encodeState(state: StoredState): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify({ version: 1, ...state }));
  const bytes = new Uint8Array(1 + json.length);
  bytes[0] = STATE_BYTE;
  bytes.set(json, 1);
  return bytes;
}

/** @throws {ReplicationError} `damaged`. */
export function decodeState(bytes: Uint8Array): StoredState {
  try {
    const text = new TextDecoder().decode(bytes.subarray(1));
    const { version, ...state } = JSON.parse(text) as StoredState & { readonly version: unknown };
    if (version === 1) {
      const configurations = state.configurations.map(({ index, voters }) => ({
        index,
        voters: voters.map(({ node, birth }) => ({ node, birth })),
      }));
      return { ...state, configurations };
    }
  } catch (cause) {
    throw new ReplicationError("damaged", "a state record is not JSON", { cause });
  }
  throw new ReplicationError("damaged", "the state is of another version of this program");
}
