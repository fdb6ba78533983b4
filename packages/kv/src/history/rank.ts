import type { ByteString } from "../byte-string.ts";
import type { KeyHistory } from "./key-history.ts";
import type { BTree } from "./sorted-btree.ts";

/**
 * The nodes of sorted-btree, which its interface does not show; hence the exact version in
 * package.json, and the test of ranks (docs/decisions/0031).
 */
interface Node {
  /** Of a leaf its own keys, else the highest key of each child. */
  readonly keys: readonly ByteString[];
  /** Undefined in a leaf. */
  readonly children?: readonly Node[];
  size(): number;
}

/** How many keys are below `key`; O(log n), where the library would visit every leaf. */
export function rank(tree: BTree<ByteString, KeyHistory>, key: ByteString): number {
  let { _root: node } = tree as unknown as { readonly _root: Node };
  let below = 0;
  while (node.children) {
    const at = lowerBound(node.keys, key);
    for (let left = 0; left < at; left++) below += (node.children[left] as Node).size();
    const next = node.children[at];
    if (!next) return below;
    node = next;
  }
  return below + lowerBound(node.keys, key);
}

/** The place of the first of the sorted `keys` that is not below `key`. */
function lowerBound(keys: readonly ByteString[], key: ByteString): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] as ByteString) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
