import type { Item } from "./item.ts";
import type { RegisterConfig } from "./register-config.ts";

/**
 * A message between nodes: what one has to say to another after one turn of the event loop. Frames of
 * another epoch than one's own are dropped, whatever they say, and answered by who knows more.
 */
export type Frame =
  | { readonly kind: "items"; readonly epoch: number; readonly items: readonly Item[] }
  /** I am at this epoch: tell me if there is a later one. */
  | { readonly kind: "epoch"; readonly epoch: number }
  /** This is decided. */
  | { readonly kind: "config"; readonly config: RegisterConfig };
