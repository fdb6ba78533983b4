const MAX_CHARACTERS = 4_096;

/** The end of what a process said; more than 4,096 characters of it are not kept. */
export class LastLines {
  #text = "";

  add(text: string | Uint8Array): void {
    this.#text = (this.#text + String(text)).slice(-MAX_CHARACTERS);
  }

  /** The last line that has anything on it. */
  get last(): string | undefined {
    return this.#text.trimEnd().split("\n").at(-1)?.trim() || undefined;
  }
}
