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

/** Returns the next states of a state that only a user or an operator changes. */
const unchanged = <State extends ConnectionState>(state: State) =>
  ({
    begin: state,
    connect: 'active',
    prove: state,
    fail: state,
    refuse: state,
    revoke: 'revoked',
    disconnect: 'disconnected',
  }) as const

/** The next state for each state and change. Only a user restores what was revoked or disconnected. */
const table: Readonly<Record<ConnectionState, Readonly<Record<ConnectionChange, ConnectionState>>>> = {
  pending: { ...unchanged('pending'), revoke: 'disconnected' },
  active: { ...unchanged('active'), fail: 'degraded', refuse: 'needs_reauth' },
  degraded: { ...unchanged('degraded'), prove: 'active', refuse: 'needs_reauth' },
  // A process that seemed to have crashed may still write the refreshed grant.
  needs_reauth: { ...unchanged('needs_reauth'), prove: 'active' },
  revoked: unchanged('revoked'),
  unreadable: unchanged('unreadable'),
  disconnected: { ...unchanged('disconnected'), begin: 'pending', revoke: 'disconnected' },
}

export const stateAfter = (state: ConnectionState, change: ConnectionChange): ConnectionState => table[state][change]
