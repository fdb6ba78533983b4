import imported from "sorted-btree";

// A CommonJS module marked as transpiled ESM: Node imports all its exports as the default one,
// bundlers and test runners only `exports.default`.
const exported = imported as typeof imported | (typeof imported)["default"];

/** The class, whichever way the program was built. */
export const BTree: (typeof imported)["default"] =
  "default" in exported ? exported.default : exported;

export type BTree<K, V> = import("sorted-btree").default<K, V>;
