import type { Compare, Relation, SortTarget } from "../operation.ts";

/** The first byte of every command, result, request and answer. */
export const CODEC_VERSION = 1;

/** What the byte that begins an operation or its result stands for. */
export const KINDS = [
  "refused",
  "put",
  "delete",
  "range",
  "transaction",
  "compact",
  "grant-lease",
  "revoke-lease",
  "disarm",
] as const;
export type Kind = (typeof KINDS)[number];

/** Their places are their numbers on the wire: new ones go to the end. */
export const RELATIONS: readonly Relation[] = ["=", "!=", "<", ">"];
export const SORT_TARGETS: readonly SortTarget[] = [
  "key",
  "version",
  "createRevision",
  "modRevision",
  "value",
];
export const COMPARE_TARGETS: readonly Compare["target"][] = [
  "version",
  "createRevision",
  "modRevision",
  "value",
  "lease",
];

/** What may be said of an operation, as bits. */
export const FLAGS = {
  prevKv: 1,
  keysOnly: 2,
  countOnly: 4,
  descending: 8,
  ignoreValue: 16,
  ignoreLease: 32,
  /** A lease follows. */
  lease: 64,
  /** Revisions follow: the one to read at, and four bounds. */
  revisions: 128,
} as const;
