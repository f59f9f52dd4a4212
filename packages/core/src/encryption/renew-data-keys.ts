import { ConnectorError } from '../errors/connector-error.ts'
import { madeAt, readDataKeyRow, writeDataKeyRow } from './data-key-row.ts'
import type { DataKeyEntry, DataKeyRow, KeyOwner } from './data-key-row.ts'
import type { SealedStore } from './sealed-value.ts'
import { newDataKey, unwrapDataKey, wrapDataKey } from './wrap-data-key.ts'

export interface RenewedRow {
  readonly rewrapped: number
  readonly created: number
  /** The errors of data keys that stayed under an old key-encryption key. */
  readonly failures: readonly ConnectorError[]
}

const NOTHING: RenewedRow = { rewrapped: 0, created: 0, failures: [] }
const MAX_ATTEMPTS = 10

/**
 * Wraps the data keys of an owner under the current key-encryption key, and optionally adds a new one. A data key that does
 * not unwrap stays unchanged, so that its values can be read again once its key-encryption key is restored.
 */
export async function renewDataKeys(
  sealed: SealedStore,
  owner: KeyOwner,
  how: { readonly keyId: string; readonly add: boolean },
): Promise<RenewedRow> {
  const { store, provider, dataKeys, clock } = sealed
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const failures: ConnectorError[] = []
    const found = await readDataKeyRow(store, owner).catch(collectedIn(failures))
    if (found === undefined) return { ...NOTHING, failures }
    let rewrapped = 0
    const renewed = async (entry: DataKeyEntry): Promise<DataKeyEntry> => {
      if (entry.keyId === how.keyId) return entry
      const dataKey = await unwrapDataKey(provider, owner, entry).catch(collectedIn(failures))
      if (dataKey === undefined) return entry
      const wrapped = await wrapDataKey(provider, owner, entry.id, dataKey)
      rewrapped += 1
      return wrapped
    }
    const [first, ...others] = found.row
    const row: [DataKeyEntry, ...DataKeyEntry[]] = [await renewed(first)]
    for (const entry of others) row.push(await renewed(entry))
    if (how.add) row.push(await newDataKey(provider, owner, clock.now()))
    const created = how.add ? 1 : 0
    if (rewrapped + created === 0) return { ...NOTHING, failures }
    if (await writeDataKeyRow(store, owner, row, found.version)) {
      dataKeys.forget(owner)
      return { rewrapped, created, failures }
    }
  }
  throw contended('The row of data keys')
}

/** Collects failures of a row, which are reported at the end. A failure of the store ends the run. */
const collectedIn =
  (failures: ConnectorError[]) =>
  (error: unknown): undefined => {
    if (!ConnectorError.is(error)) throw error
    failures.push(error)
  }

/** Milliseconds for which a replaced data key is kept: a day. */
const RETENTION_MS = 86_400_000

/** Drops the data keys of an owner that were replaced long ago. Call it only if no value is under them. */
export async function dropRetiredDataKeys(sealed: SealedStore, owner: KeyOwner): Promise<number> {
  const { store, dataKeys, clock } = sealed
  const found = await readDataKeyRow(store, owner)
  if (found === undefined) return 0
  const isLongRetired = (index: number): boolean => {
    const successor = found.row[index + 1]
    return successor !== undefined && clock.now() - madeAt(successor.id) > RETENTION_MS
  }
  const [first, ...others] = found.row.filter((_entry, index) => !isLongRetired(index))
  if (first === undefined || others.length + 1 === found.row.length) return 0
  const row: DataKeyRow = [first, ...others]
  // If another process changed the row meanwhile, the next rotation drops them.
  if (!(await writeDataKeyRow(store, owner, row, found.version))) return 0
  dataKeys.forget(owner)
  return found.row.length - row.length
}

export const contended = (what: string): ConnectorError =>
  new ConnectorError('API_INTERNAL_ERROR', `${what} changed before each of ${MAX_ATTEMPTS} attempts to write.`, {
    hint: 'Continue with rotateKeys({ mode, resume: true }).',
  })
