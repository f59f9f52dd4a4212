import { listAll } from '@mcpclient/core'
import type { NotedCreate, Run } from './run.ts'

/** Returns whether only a repeated create shows which record an unfinished one has made. */
export const hasOnlyKeys = ({ remote }: Run): boolean =>
  remote.create !== undefined && remote.newKey !== undefined && remote.newId === undefined && remote.find === undefined

const rowOf = ({ options }: Run, key: string): string => `${options.prefix}/n/${key}`

/** Notes a create by an idempotency key. Precedes its intent, so a page that shows its record finds the note. */
export async function noteCreate(run: Run, key: string): Promise<void> {
  if (hasOnlyKeys(run)) await run.options.store.put(rowOf(run, key), String(run.now()))
}

export async function forgetCreate(run: Run, key: string): Promise<void> {
  if (hasOnlyKeys(run)) await run.options.store.delete(rowOf(run, key))
}

export async function notedCreates({ options: { store, prefix } }: Run): Promise<readonly NotedCreate[]> {
  const noted: NotedCreate[] = []
  for await (const { key, value } of listAll(store, `${prefix}/n/`)) {
    noted.push({ key: key.slice(key.lastIndexOf('/') + 1), at: Number(value) })
  }
  return noted
}
