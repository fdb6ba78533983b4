import type { Dispatcher } from "undici";

/** A whole answer. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/**
 * One request and its whole answer, for small bodies: as `Dispatcher.request`, without the stream that
 * makes of a body of one piece (a fifth of the gateway's time, docs/decisions/0047).
 *
 * @param onFirstByte called when the answer's head is there
 * @throws undici's error
 */
export function exchange(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  onFirstByte?: () => void,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let status = 0;
    let headers: HttpAnswer["headers"] = {};
    dispatcher.dispatch(request, {
      onRequestStart: () => {},
      onResponseStart: (_, statusCode, fields) => {
        status = statusCode;
        headers = fields;
        onFirstByte?.();
      },
      onResponseData: (_, chunk) => void chunks.push(chunk),
      onResponseEnd: () => {
        const [first] = chunks;
        const body = first && chunks.length === 1 ? first : Buffer.concat(chunks);
        resolve({ status, headers, body });
      },
      onResponseError: (_, error) => reject(error),
    });
  });
}
