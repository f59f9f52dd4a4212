import type { Grant } from '../../auth/grant.ts'
import type { GrantFlow, RefreshedGrant } from '../../auth/grant-flow.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Version } from '../../ports/store.ts'
import { disconnectedConnection, unusableConnection } from '../connection-errors.ts'
import type { ConnectionRecord } from '../connection-record.ts'
import { isValid } from './refresh-timing.ts'
import type { RenewalTiming } from './refresh-timing.ts'

/** A record as the store holds it. */
export interface Row {
  readonly record: ConnectionRecord
  /** `null`: the store holds none yet. */
  readonly version: Version | null
}

/** The reason of a renewal. */
export type RenewalCause =
  | { readonly kind: 'expiring' }
  /** The provider rejected this token with 401. */
  | { readonly kind: 'refused'; readonly accessToken: string }

/** Emitted after the write that made it so, hence once in all processes. */
export type RenewalEvent = 'renewed' | 'degraded' | 'needs_reauth' | 'recovered' | 'grant_lost'

/** The effects and settings that the renewal of one grant runs with. */
export interface RenewalContext {
  /** The key of the row. */
  readonly storeKey: string
  /** A unique id for this process. */
  readonly owner: string
  readonly flow: Pick<GrantFlow, 'refresh' | 'renewal'>
  readonly timing: RenewalTiming
  readonly clock: Clock
  readonly random: () => number
  read(): Promise<Row | undefined>
  /** Writes by compare-and-swap. Returns undefined if the row is not at `ifVersion` any more. */
  write(record: ConnectionRecord, ifVersion: Version | null): Promise<Row | undefined>
  /** Sends one request to the authorization server, which uses up a single-use token. */
  exchange(record: ConnectionRecord, signal: AbortSignal): Promise<Grant>
  /** Returns what verifies the grant that `exchange` returned last, once it is stored; undefined if nothing does. */
  readonly verify?: (() => RefreshedGrant['verify'] | undefined) | undefined
  /** Revokes a grant that must not be used. Never rejects. */
  discard(grant: Grant, record: ConnectionRecord): Promise<void>
  emit(event: RenewalEvent, row: Row): void
}

/**
 * Returns whether the connection is in use, and so kept alive. A refused one is, if no user can restore it: it is tried
 * again after a while.
 */
export const isInService = ({ state = 'active', trouble }: ConnectionRecord): boolean =>
  state === 'active' || state === 'degraded' || (state === 'needs_reauth' && trouble?.retryAt !== undefined)

/** Throws unless the connection is in use. Checked after each read: a failure of the store must not hide a disconnect. */
export function assertInService(row: Row | undefined): asserts row is Row {
  if (row === undefined) throw disconnectedConnection()
  if (!isInService(row.record)) throw unusableConnection(row.record)
}

/** Returns whether calls can use the current token meanwhile. */
export const isServable = (record: ConnectionRecord, cause: RenewalCause, now: number): boolean =>
  isInService(record) && record.grant !== undefined && cause.kind === 'expiring' && isValid(record.grant, now)

/**
 * Writes, and reads again if the store reports a failure: it may have written all the same, and then only this process can
 * emit the event.
 */
export async function writeAndConfirm(
  context: RenewalContext,
  record: ConnectionRecord,
  ifVersion: Version | null,
): Promise<Row | undefined> {
  try {
    return await context.write(record, ifVersion)
  } catch (error) {
    const row = await context.read()
    if (row?.version === ifVersion) throw error
    return row !== undefined && isSameRow(row.record, record) ? row : undefined
  }
}

/** Compares two records without the credential: the store does not hold one that the composition passed. */
export const isSameRow = (one: ConnectionRecord, other: ConnectionRecord): boolean =>
  JSON.stringify({ ...one, credential: {} }) === JSON.stringify({ ...other, credential: {} })
