import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { RefusedRequest } from "./refused-request.ts";
import type { UpstreamHead } from "./request-headers.ts";

/**
 * The request's body for undici: the request itself where its length is known, else a stream that
 * counts. A client that expects it is told to continue only once an endpoint's connection is there.
 *
 * @throws {RefusedRequest} 413 for a body that is announced to be too long; the stream fails with it
 * when one turns out to be.
 */
export function requestBody(
  request: IncomingMessage,
  response: ServerResponse,
  head: UpstreamHead,
  maxBytes: number,
  saysContinue: boolean,
): Readable | null {
  if (!head.hasBody) return null;
  if ((head.bodyBytes ?? 0) > maxBytes) throw tooLong(maxBytes);
  if (head.bodyBytes !== undefined && !saysContinue) return request;
  return Readable.from(counted(request, response, maxBytes, saysContinue), { objectMode: false });
}

async function* counted(
  request: IncomingMessage,
  response: ServerResponse,
  maxBytes: number,
  saysContinue: boolean,
): AsyncGenerator<Buffer, void, void> {
  if (saysContinue) response.writeContinue();
  let bytes = 0;
  // Destroying a request would take its connection along, and with it the answer.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += (chunk as Buffer).length;
    if (bytes > maxBytes) throw tooLong(maxBytes);
    yield chunk as Buffer;
  }
}

function tooLong(maxBytes: number): RefusedRequest {
  return new RefusedRequest(413, `a request body of more than ${maxBytes} bytes`);
}
