import { type ByteString, FROM_KEY } from "../byte-string.ts";

/** Something on a range of keys, named as in `Range`; its end is not empty. */
export interface Ranged {
  readonly key: ByteString;
  readonly rangeEnd: ByteString;
}

interface Node<R extends Ranged> {
  readonly range: R;
  readonly priority: number;
  left: Node<R> | undefined;
  right: Node<R> | undefined;
  /** The latest end of this node and those below. */
  maxEnd: ByteString;
}

/**
 * Ranges that may overlap, and which of them a key is in: O(log n) and what is found. A treap by first
 * key, in which each node knows the latest end below it.
 *
 * Source: R. Seidel, C. Aragon, "Randomized Search Trees", 1996; T. Cormen et al., "Introduction to
 * Algorithms", interval trees.
 */
export class RangeIndex<R extends Ranged> {
  #root: Node<R> | undefined;
  #seed = 1;

  get isEmpty(): boolean {
    return this.#root === undefined;
  }

  add(range: R): void {
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0;
    const node = {
      range,
      priority: this.#seed,
      left: undefined,
      right: undefined,
      maxEnd: range.rangeEnd,
    };
    this.#root = inserted(this.#root, node);
  }

  delete(range: R): void {
    this.#root = without(this.#root, range);
  }

  /** Calls `found` with each range that `key` is in. */
  at(key: ByteString, found: (range: R) => void): void {
    visit(this.#root, key, found);
  }
}

function visit<R extends Ranged>(
  node: Node<R> | undefined,
  key: ByteString,
  found: (range: R) => void,
): void {
  if (!node || !endsAfter(node.maxEnd, key)) return;
  visit(node.left, key, found);
  if (node.range.key > key) return;
  if (endsAfter(node.range.rangeEnd, key)) found(node.range);
  visit(node.right, key, found);
}

function inserted<R extends Ranged>(root: Node<R> | undefined, node: Node<R>): Node<R> {
  if (!root) return node;
  if (node.range.key < root.range.key) {
    root.left = inserted(root.left, node);
    return root.left.priority > root.priority ? rotatedRight(root) : updated(root);
  }
  root.right = inserted(root.right, node);
  return root.right.priority > root.priority ? rotatedLeft(root) : updated(root);
}

function without<R extends Ranged>(root: Node<R> | undefined, range: R): Node<R> | undefined {
  if (!root) return undefined;
  if (root.range === range) return merged(root.left, root.right);
  // Equal first keys may stand on both sides, since rotations move them.
  if (range.key <= root.range.key) root.left = without(root.left, range);
  if (range.key >= root.range.key) root.right = without(root.right, range);
  return updated(root);
}

function merged<R extends Ranged>(
  left: Node<R> | undefined,
  right: Node<R> | undefined,
): Node<R> | undefined {
  if (!left || !right) return left ?? right;
  if (left.priority > right.priority) {
    left.right = merged(left.right, right);
    return updated(left);
  }
  right.left = merged(left, right.left);
  return updated(right);
}

function rotatedRight<R extends Ranged>(root: Node<R>): Node<R> {
  const left = root.left!;
  root.left = left.right;
  left.right = updated(root);
  return updated(left);
}

function rotatedLeft<R extends Ranged>(root: Node<R>): Node<R> {
  const right = root.right!;
  root.right = right.left;
  right.left = updated(root);
  return updated(right);
}

function updated<R extends Ranged>(node: Node<R>): Node<R> {
  node.maxEnd = later(node.range.rangeEnd, later(node.left?.maxEnd, node.right?.maxEnd));
  return node;
}

function later(one: ByteString | undefined, other: ByteString | undefined): ByteString {
  if (one === undefined || other === undefined) return one ?? other ?? "";
  return one !== FROM_KEY && (other === FROM_KEY || other > one) ? other : one;
}

function endsAfter(end: ByteString, key: ByteString): boolean {
  return end === FROM_KEY || end > key;
}
