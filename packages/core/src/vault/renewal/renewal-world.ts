import type { Grant } from '../../auth/grant.ts'
import type { GrantFlow, RefreshedGrant } from '../../auth/grant-flow.ts'
import { ConnectorError } from '../../errors/connector-error.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Version } from '../../ports/store.ts'
import type { ConnectionRecord } from '../connection-record.ts'
import { readFailureOf } from '../read-record.ts'
import { isValid } from './refresh-timing.ts'

/** A record as the store holds it. */
export interface Row {
  readonly record: ConnectionRecord
  /** `null`: the store holds none yet. */
  readonly version: Version | null
}

/** Why a grant is renewed. */
export type RenewalCause =
  | { readonly kind: 'expiring' }
  /** The provider answered 401 to this very token. */
  | { readonly kind: 'refused'; readonly accessToken: string }

/** Durations are milliseconds. */
export interface RenewalTiming {
  /** How long no other process uses the token that the holder of the lease is using. */
  readonly leaseMs: number
  /** How often a lease that another process holds is read again. */
  readonly pollMs: number
  /** How far the clocks of two processes may differ before one treats a lease of the other as expired. */
  readonly clockSkewMs: number
}

export const renewalTiming: RenewalTiming = { leaseMs: 30_000, pollMs: 100, clockSkewMs: 5 * 60_000 }

/** Told after the write that made it so, hence once in all the workers together. */
export type RenewalEvent = 'renewed' | 'degraded' | 'needs_reauth' | 'recovered' | 'grant_lost'

/** What the renewal of a grant stands on: its judgement is in there, the world out here. */
export interface RenewalWorld {
  /** The key of the row. */
  readonly place: string
  /** This worker, as no other one is called. */
  readonly owner: string
  readonly flow: Pick<GrantFlow, 'refresh' | 'renewal'>
  readonly timing: RenewalTiming
  readonly clock: Clock
  readonly random: () => number
  read(): Promise<Row | undefined>
  /** Undefined: the row is not at `ifVersion` any more. */
  write(record: ConnectionRecord, ifVersion: Version | null): Promise<Row | undefined>
  /** Asks the authorization server once. */
  spend(record: ConnectionRecord, signal: AbortSignal): Promise<Grant>
  /** Verifies the grant that `spend` returned last, once it is stored. Absent: there is nothing to verify. */
  readonly verify?: (() => RefreshedGrant['verify'] | undefined) | undefined
  /** Gives back a grant that nobody may use any more. Never rejects. */
  discard(grant: Grant, record: ConnectionRecord): Promise<void>
  emit(event: RenewalEvent, row: Row): void
}

/**
 * Whether the connection is one that is used, and so kept alive. One that was refused is, if no person can bring it back:
 * then it is asked again after a while.
 */
export const isInService = ({ state = 'active', trouble }: ConnectionRecord): boolean =>
  state === 'active' || state === 'degraded' || (state === 'needs_reauth' && trouble?.retryAt !== undefined)

/** Whether nothing can be done with the connection until a user connects it, or an operator restores its row. */
export const isOutOfUse = ({ state }: ConnectionRecord): boolean =>
  state === 'revoked' || state === 'pending' || state === 'unreadable'

/** A failure of the store must not hide that the connection was given up, so this is said as soon as it is seen. */
export function mustBeInService(row: Row | undefined): asserts row is Row {
  if (row === undefined) throw goneForGood()
  if (!isInService(row.record)) throw unusable(row.record)
}

/** Whether the present token will do for now. */
export const mayBeServed = (record: ConnectionRecord, cause: RenewalCause, now: number): boolean =>
  isInService(record) && record.grant !== undefined && cause.kind === 'expiring' && isValid(record.grant, now)

/**
 * Writes, and looks again when the store says that it failed: it may have written all the same, and then nobody but this
 * worker can tell of it.
 */
export async function writeSurely(
  world: RenewalWorld,
  record: ConnectionRecord,
  ifVersion: Version | null,
): Promise<Row | undefined> {
  try {
    return await world.write(record, ifVersion)
  } catch (error) {
    const row = await world.read()
    if (row?.version === ifVersion) throw error
    return row !== undefined && isSameRow(row.record, record) ? row : undefined
  }
}

/** A credential that the composition gave is not in the store, so it does not count. */
export const isSameRow = (one: ConnectionRecord, other: ConnectionRecord): boolean =>
  JSON.stringify({ ...one, credential: {} }) === JSON.stringify({ ...other, credential: {} })

export const goneForGood = (): ConnectorError =>
  new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'The account was disconnected.', {
    reason: 'disconnected',
    hint: 'Call connect() to connect it again.',
    outcome: 'not_processed',
  })

/** Why a connection cannot be used until a person has done something about it. */
export function unusable(record: ConnectionRecord): ConnectorError {
  const { state, trouble } = record
  const failure = readFailureOf(record)
  if (failure !== undefined) return failure
  const reason = trouble?.reason ?? state
  const details = {
    reason,
    hint: trouble?.hint ?? 'Call connect() and send the person to the URL that it answers.',
    outcome: 'not_processed',
  } as const
  if (state === 'revoked') {
    return new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'The connection was taken out of use.', details)
  }
  if (state === 'pending') {
    return new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'The connection waits for a person to agree.', details)
  }
  const message = `The account has to be connected again: ${reason ?? 'the provider ended the grant'}.`
  return new ConnectorError('MCP_AUTHENTICATION_FAILURE', message, details)
}
