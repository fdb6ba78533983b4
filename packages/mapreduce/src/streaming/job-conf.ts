/** What Hadoop says of a task in its environment: settings, `_` for all but letters and digits. */
export interface JobConf {
  /** The file that map reads, where Hadoop tells it. */
  readonly inputFile: string;
  /** The task's number among those of its kind: of a reduce, its part. */
  readonly partition: number;
  /** A setting by its name, with dots. */
  get(name: string): string | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export function jobConf(environment: Environment): JobConf {
  const get = (name: string): string | undefined => environment[name.replace(/[^A-Za-z0-9]/g, "_")];
  const partition = Number(get("mapreduce.task.partition") ?? get("mapred.task.partition") ?? 0);
  return {
    get,
    inputFile: get("mapreduce.map.input.file") ?? get("map.input.file") ?? "stdin",
    partition: Number.isInteger(partition) && partition >= 0 ? partition : 0,
  };
}
