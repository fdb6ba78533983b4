/** Combine functions for numbers. */
export function sum(left: number, right: number): number {
  return left + right;
}

/** The larger one. */
export function max(left: number, right: number): number {
  return Math.max(left, right);
}

/** The smaller one. */
export function min(left: number, right: number): number {
  return Math.min(left, right);
}
