import type { PendingFlow } from '../auth/grant-flow.ts'
import type { Principal } from '../identity/principal.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { Clock } from '../ports/clock.ts'
import { storeKey } from '../ports/store.ts'
import type { Store } from '../ports/store.ts'
import { fromBase64, toBase64Url } from '../encoding/base64.ts'
import type { MarksSeen } from './revocation-marks.ts'

/** An authorization that has started: what is needed when the user comes back from the provider. */
export interface PendingAuthorization {
  readonly serverId: string
  readonly tenant: string
  /** The user who started it, if the principal named one. */
  readonly user?: string | undefined
  readonly connection: string
  readonly redirectUri: string
  readonly scopes: readonly string[]
  readonly settings?: object | undefined
  readonly flow: PendingFlow
  /** The revocations before it started. */
  readonly marks: MarksSeen
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** The longest time a user may take to agree. */
export const AUTHORIZATION_MS = 10 * 60_000
/** The time for which a late or repeated callback gets a precise error. */
const REMEMBERED_MS = 60 * 60_000
const USED = 'used'
const IV_BYTES = 12

/**
 * Returns an unguessable string of 256 bits for `state` (RFC 6749, section 10.12). It is not stored: its hash is the key of
 * the row, and the row (a PKCE verifier, a nonce) is encrypted with a key that is derived from it.
 */
export const newState = (): string => toBase64Url(globalThis.crypto.getRandomValues(new Uint8Array(32)))

export async function savePending(store: Store, state: string, pending: PendingAuthorization): Promise<void> {
  const { rowKey, key } = await derive(state)
  const iv = globalThis.crypto.getRandomValues(new Uint8Array(IV_BYTES))
  const text = new TextEncoder().encode(JSON.stringify(pending))
  const sealed = await globalThis.crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, text)
  await store.put(rowKey, `${toBase64Url(iv)}.${toBase64Url(new Uint8Array(sealed))}`, { ttlMs: REMEMBERED_MS })
}

/**
 * Takes what was saved under `state`, once: of several callers with the same state one gets it.
 * @param check throws if the caller may not have it, or cannot complete it now; then it stays valid
 * @throws ConnectorError MCP_AUTHENTICATION_FAILURE with the reason `state_unknown`, `state_replayed` or `state_expired`
 */
export async function takePending(
  store: Store,
  clock: Clock,
  state: string,
  check: (pending: PendingAuthorization) => void | Promise<void>,
): Promise<PendingAuthorization> {
  const { rowKey, key } = await derive(state)
  const stored = await store.get(rowKey)
  if (stored === undefined) throw refusedCallback('state_unknown', 'the state was never issued, or expired long ago')
  if (stored.value === USED) throw refusedCallback('state_replayed', 'the state was used before')
  const pending = await open(stored.value, key)
  if (clock.now() >= pending.expiresAt) throw refusedCallback('state_expired', 'the user took too long')
  await check(pending)
  const used = await store.put(rowKey, USED, { ifVersion: stored.version, ttlMs: REMEMBERED_MS })
  if ('conflict' in used) throw refusedCallback('state_replayed', 'the state is being used')
  return pending
}

async function open(value: string, key: CryptoKey): Promise<PendingAuthorization> {
  const [iv, sealed] = value.split('.').map(fromBase64)
  try {
    if (iv === undefined || sealed === undefined) throw new TypeError('not sealed')
    const text = await globalThis.crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, sealed)
    return JSON.parse(new TextDecoder().decode(text)) as PendingAuthorization
  } catch (cause) {
    throw refusedCallback('state_unknown', 'the stored authorization cannot be decrypted', cause)
  }
}

export const refusedCallback = (reason: string, because: string, cause?: unknown): ConnectorError =>
  new ConnectorError(
    'MCP_AUTHENTICATION_FAILURE',
    `The callback of the authorization was refused: ${because}.`,
    {
      reason,
      hint: 'Start again with connect(), and complete each callback once, for the tenant and user that started it.',
    },
    { cause },
  )

/**
 * Refuses a callback that another tenant, or another user of the tenant, has started. If no user has started it, any user
 * of the tenant may complete it: a background job has no user, but a user has to agree.
 */
export function assertOwn(pending: PendingAuthorization, { tenant, user }: Principal): void {
  if (pending.tenant !== tenant) throw refusedCallback('state_of_another_tenant', 'another tenant started it')
  assertSameUser(pending.user, user)
}

/** @throws ConnectorError MCP_AUTHENTICATION_FAILURE with the reason `state_of_another_user` */
export function assertSameUser(startedBy: string | undefined, user: string | undefined): void {
  if (startedBy === undefined || startedBy === user) return
  throw refusedCallback(
    'state_of_another_user',
    user === undefined ? 'a user started it, but the principal names none' : 'another user started it',
  )
}

async function derive(state: string): Promise<{ readonly rowKey: string; readonly key: CryptoKey }> {
  const { subtle } = globalThis.crypto
  const bytes = new TextEncoder().encode(state)
  const secret = await subtle.importKey('raw', bytes, 'HKDF', false, ['deriveKey', 'deriveBits'])
  const by = (info: string) => ({
    name: 'HKDF',
    hash: 'SHA-256',
    salt: new Uint8Array(),
    info: new TextEncoder().encode(`@mcpclient authorization ${info}`),
  })
  const [rowKey, key] = await Promise.all([
    subtle.deriveBits(by('row key'), secret, 256),
    subtle.deriveKey(by('key'), secret, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']),
  ])
  return { rowKey: storeKey('authorization', toBase64Url(new Uint8Array(rowKey))), key }
}
