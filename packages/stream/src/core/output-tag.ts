/** Names a side output of an operator, and says what its records are. */
export interface OutputTag<T> {
  readonly name: string;
  /** For the type only: never there. */
  readonly record?: T;
}

export function outputTag<T>(name: string): OutputTag<T> {
  return { name };
}
