import { appendFileSync, readFileSync } from 'node:fs'

/** One line of the journal that all processes append to. */
export interface Entry {
  readonly what: 'start' | 'end' | 'killed'
  readonly worker: string
  readonly key: string
  /** The data of the job: the number of the change that scheduled it. */
  readonly change: number
}

export const write = (file: string, entry: Entry): void => {
  appendFileSync(file, `${JSON.stringify(entry)}\n`)
}

export const read = (file: string): readonly Entry[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Entry)

/** Returns a sentence for each run that began while another run of its key had not ended. A killed process ends its runs. */
export function overlaps(entries: readonly Entry[]): readonly string[] {
  const running = new Map<string, string>()
  const found: string[] = []
  for (const { what, worker, key } of entries) {
    if (what === 'killed') {
      for (const [job, runner] of running) if (runner === worker) running.delete(job)
      continue
    }
    const runner = running.get(key)
    if (what === 'start' && runner !== undefined) found.push(`${worker} began ${key} while ${runner} ran it`)
    if (what === 'start') running.set(key, worker)
    else if (runner === worker) running.delete(key)
  }
  return found
}

/** Returns the keys whose last change no run has seen from its start to its end. */
export function missed(entries: readonly Entry[], changes: ReadonlyMap<string, number>): readonly string[] {
  const ended = new Map<string, number>()
  for (const { what, key, change } of entries) {
    if (what === 'end') ended.set(key, Math.max(change, ended.get(key) ?? 0))
  }
  return [...changes].flatMap(([key, change]) => ((ended.get(key) ?? 0) < change ? [key] : []))
}
