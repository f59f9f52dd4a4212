import { ConnectorError } from '@mcpclient/core'
import type { StoreWrite, Version, WriteResult } from '@mcpclient/core'
import type { KeyLayout } from './key-layout.ts'
import { numbersIn } from './reply.ts'
import type { RunScript } from './script-runner.ts'
import { scripts } from './scripts.ts'
import { encodeStored, isVersion, newVersion } from './stored-value.ts'

interface Entry {
  readonly index: number
  readonly key: string
  /** The new version. Undefined for a delete. */
  readonly version: Version | undefined
  /** The arguments of the script. */
  readonly values: readonly string[]
}

/**
 * Puts and deletes rows, each on its own condition: one script for each shard, all concurrently.
 * @throws ConnectorError with `outcome: 'unknown'` if one shard failed and another one may have written
 */
export async function writeRows(
  run: RunScript,
  layout: KeyLayout,
  writes: readonly StoreWrite[],
): Promise<readonly WriteResult[]> {
  const entries = writes.map(entryOf)
  const done = new Set<number>()
  // No row has a version of another format.
  const possible = entries.filter(({ index }) => isPossible(writes[index]?.ifVersion))
  const groups = [...Map.groupBy(possible, ({ key }) => layout.shardOf(key))]
  const settled = await Promise.allSettled(
    groups.map(async ([shard, group]) => {
      const keys = [shard.index, shard.ends, ...group.map(({ key }) => shard.valueKey(key))]
      const values = group.flatMap((entry) => entry.values)
      const written = numbersIn(await run(scripts.write, keys, values))
      for (const [at, { index }] of group.entries()) if (written[at] === 1) done.add(index)
    }),
  )
  const failures = settled.flatMap((each): readonly unknown[] => (each.status === 'rejected' ? [each.reason] : []))
  if (failures.length > 0) throw failureOf(failures, failures.length < groups.length)
  return entries.map(({ index, version }) => {
    if (version === undefined) return { deleted: done.has(index) }
    return done.has(index) ? { version } : { conflict: true }
  })
}

const isPossible = (ifVersion: Version | null | undefined): boolean =>
  typeof ifVersion !== 'string' || isVersion(ifVersion)

function entryOf(write: StoreWrite, index: number): Entry {
  const { key, ifVersion } = write
  if ('delete' in write) return { index, key, version: undefined, values: [key, '', ifVersion ?? 'any', ''] }
  const version = newVersion()
  const condition = ifVersion === undefined ? 'any' : (ifVersion ?? 'absent')
  return {
    index,
    key,
    version,
    values: [key, encodeStored({ value: write.value, version }), condition, lifeOf(write.ttlMs)],
  }
}

/** Returns the first failure, whose outcome is unknown if another shard has another outcome. */
function failureOf(failures: readonly unknown[], hasWritten: boolean): unknown {
  const [first] = failures
  const isUnknown = (failure: unknown): boolean => ConnectorError.is(failure) && failure.details.outcome === 'unknown'
  return ConnectorError.is(first) && (hasWritten || failures.some(isUnknown))
    ? first.with({ outcome: 'unknown' })
    : first
}

/** @throws ConnectorError `INVALID_INPUT` for a lone surrogate */
export function assertText(value: string): void {
  if (value.isWellFormed()) return
  throw new ConnectorError('INVALID_INPUT', 'A value of a store contains a lone surrogate.', {
    hint: 'Pass JSON.stringify(value), which escapes lone surrogates.',
  })
}

/** Returns whole milliseconds, rounded up, or an empty string for no expiry. */
function lifeOf(ttlMs: number | undefined): string {
  if (ttlMs === undefined || ttlMs === Infinity) return ''
  // Redis would fail in the middle of the script, which has no rollback.
  if (Number.isNaN(ttlMs)) throw new ConnectorError('CONFIGURATION_ERROR', 'A time to live must be a number.')
  return String(Math.min(Math.max(Math.ceil(ttlMs), 0), Number.MAX_SAFE_INTEGER))
}
