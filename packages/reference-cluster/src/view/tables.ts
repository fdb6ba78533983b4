import Table from "cli-table3";

export function tableOf(head: string[]): Table.Table {
  return new Table({ head, style: { head: [], border: [] } });
}

export function grouped(value: number): string {
  return value.toLocaleString("en");
}
