/**
 * Apache Kafka as source and sink, over `@platformatic/kafka`.
 *
 * @packageDocumentation
 */
export type { OnInvalid } from "../decoding.ts";
export type { KafkaOptions } from "./kafka-options.ts";
export type { KafkaRecord } from "./kafka-record.ts";
export { kafkaSink, type KafkaSinkOptions } from "./kafka-sink.ts";
export { kafkaSource, type KafkaSourceOptions } from "./kafka-source.ts";
export type { KafkaMessage } from "./outgoing.ts";
export { type KafkaProgram, type KafkaProgramOptions, runOnKafka } from "./tasks/run-on-kafka.ts";
