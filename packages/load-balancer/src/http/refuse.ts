import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";

/** Answers by itself, in a line of text. What is left of the request's body is not waited for. */
export function refuse(request: IncomingMessage, response: ServerResponse, status: number): void {
  const text = `${status} ${STATUS_CODES[status] ?? "Error"}\n`;
  response.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "content-length": Buffer.byteLength(text),
    ...(!request.complete && { connection: "close" }),
  });
  response.end(request.method === "HEAD" ? undefined : text);
}
