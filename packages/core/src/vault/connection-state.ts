import type { ConnectionState } from '../ports/accounts.ts'

export const connectionStates = [
  'pending',
  'active',
  'degraded',
  'needs_reauth',
  'revoked',
  'unreadable',
  'disconnected',
] as const satisfies readonly ConnectionState[]

/**
 * A change of a connection.
 *
 * `begin`: an authorization has started. `connect`: the user agreed, or entered a credential that was accepted. `prove`: the
 * credential worked or was refreshed. `fail`: a request or refresh failed this time. `refuse`: the provider rejected it
 * permanently. `revoke`: an operator or the app took it out of use. `disconnect`: it was deleted.
 */
export type ConnectionChange = (typeof connectionChanges)[number]
export const connectionChanges = ['begin', 'connect', 'prove', 'fail', 'refuse', 'revoke', 'disconnect'] as const

const end = { connect: 'active', disconnect: 'disconnected' } as const

/** The next state for each state and change. Only a user restores what was revoked or disconnected. */
const table: Readonly<Record<ConnectionState, Readonly<Record<ConnectionChange, ConnectionState>>>> = {
  pending: { begin: 'pending', prove: 'pending', fail: 'pending', refuse: 'pending', revoke: 'disconnected', ...end },
  active: { begin: 'active', prove: 'active', fail: 'degraded', refuse: 'needs_reauth', revoke: 'revoked', ...end },
  degraded: { begin: 'degraded', prove: 'active', fail: 'degraded', refuse: 'needs_reauth', revoke: 'revoked', ...end },
  // A process that seemed to have crashed may still write the refreshed grant.
  needs_reauth: {
    begin: 'needs_reauth',
    prove: 'active',
    fail: 'needs_reauth',
    refuse: 'needs_reauth',
    revoke: 'revoked',
    ...end,
  },
  revoked: { begin: 'revoked', prove: 'revoked', fail: 'revoked', refuse: 'revoked', revoke: 'revoked', ...end },
  unreadable: {
    begin: 'unreadable',
    prove: 'unreadable',
    fail: 'unreadable',
    refuse: 'unreadable',
    revoke: 'revoked',
    ...end,
  },
  disconnected: {
    begin: 'pending',
    prove: 'disconnected',
    fail: 'disconnected',
    refuse: 'disconnected',
    revoke: 'disconnected',
    ...end,
  },
}

export const stateAfter = (state: ConnectionState, change: ConnectionChange): ConnectionState => table[state][change]
