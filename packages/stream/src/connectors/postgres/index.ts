/**
 * PostgreSQL as sink, over `pg`.
 *
 * @packageDocumentation
 */
export { postgresSink, type PostgresSinkOptions } from "./postgres-sink.ts";
