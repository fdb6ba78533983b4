import type { AcceptorState } from "../../core/acceptor-state.ts";
import type { Ballot } from "../../core/ballot.ts";
import type { Cell } from "./cell.ts";
import type { RegisterConfig } from "./register-config.ts";

/** What an acceptor has on disk for a key; undefined when it has nothing. */
export type KeyState = AcceptorState<Cell> | undefined;

/** A piece of what a node must not forget. A later one of the same kind, and key, replaces it. */
export type RegisterRecord =
  | { readonly kind: "key"; readonly key: string; readonly state: KeyState }
  /** All keys so far are gone. */
  | { readonly kind: "reset" }
  | { readonly kind: "config"; readonly config: RegisterConfig }
  /** The highest ballot of all keys that were forgotten: durable with, or before, the first of them. */
  | { readonly kind: "forgotten"; readonly ballot: Ballot };
