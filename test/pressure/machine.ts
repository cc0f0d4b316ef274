// What was measured on: a table of times means nothing without it.
import { cpus, loadavg } from 'node:os'

/** One line: processors, Node, and how busy the machine is by itself. */
export function machine(): string {
  const [model] = cpus()
  return `${cpus().length} × ${model?.model.trim() ?? 'unknown'}, Node ${process.version}, load ${loadavg()[0]!.toFixed(1)}`
}
