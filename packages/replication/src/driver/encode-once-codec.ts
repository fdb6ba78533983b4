import type { MessageCodec } from "./consensus-core.ts";

/** Nodes that are equally far are sent the same entries: what is the same as before is encoded once. */
export class EncodeOnceCodec<M> implements MessageCodec<M> {
  readonly #codec: MessageCodec<M>;
  readonly #isSame: (message: M, previous: M) => boolean;
  #previous: { readonly message: M; readonly bytes: Uint8Array } | undefined;

  /** `isSame` may say no of equal messages, and never yes of different ones. */
  constructor(codec: MessageCodec<M>, isSame: (message: M, previous: M) => boolean) {
    this.#codec = codec;
    this.#isSame = isSame;
  }

  encode(message: M): Uint8Array {
    if (this.#previous && this.#isSame(message, this.#previous.message)) {
      return this.#previous.bytes;
    }
    const bytes = this.#codec.encode(message);
    this.#previous = { message, bytes };
    return bytes;
  }

  decode(bytes: Uint8Array): M | undefined {
    return this.#codec.decode(bytes);
  }
}
