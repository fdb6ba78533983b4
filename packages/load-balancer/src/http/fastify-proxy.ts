import type { IncomingMessage, ServerResponse } from "node:http";
import type { ProxyHandler } from "./proxy-handler.ts";

/** What the plugin uses of Fastify, so that this package needs none. Its `raw` are `node:http`'s. */
export interface FastifyLike {
  readonly server: { on(event: "upgrade", listener: ProxyHandler["upgrade"]): unknown };
  removeAllContentTypeParsers(): unknown;
  addContentTypeParser(
    contentType: string,
    parser: (request: unknown, payload: unknown, done: (error: null) => void) => void,
  ): unknown;
  all(
    path: string,
    handler: (
      request: { readonly raw: unknown },
      reply: { readonly raw: unknown; hijack(): unknown },
    ) => void,
  ): unknown;
}

/** How the plugin behaves. */
export interface FastifyProxyOptions {
  /** Whether all upgrades of Fastify's server go to the proxy. @default false */
  readonly upgrades?: boolean;
}

/**
 * A Fastify plugin: `fastify.register(fastifyProxy(handler), { prefix: "/orders" })`. All below the
 * prefix goes to the proxy, bodies unread. Fastify's hooks before the handler run; those for replies
 * do not, for the proxy answers by itself.
 */
export function fastifyProxy(
  handler: ProxyHandler,
  { upgrades = false }: FastifyProxyOptions = {},
): (fastify: FastifyLike, options: unknown, done: () => void) => void {
  return (fastify, _options, done) => {
    fastify.removeAllContentTypeParsers();
    fastify.addContentTypeParser("*", (_request, _payload, parsed) => parsed(null));
    for (const path of ["/", "/*"]) {
      fastify.all(path, (request, reply) => {
        reply.hijack();
        handler(request.raw as IncomingMessage, reply.raw as ServerResponse);
      });
    }
    if (upgrades) fastify.server.on("upgrade", handler.upgrade);
    done();
  };
}
