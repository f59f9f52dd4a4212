import { describe, expect, it } from 'vitest'
import { connectionChanges, connectionStates, stateAfter } from '../../src/vault/connection-state.ts'

it('every state maps every change to a state', () => {
  for (const state of connectionStates) {
    for (const change of connectionChanges) expect(connectionStates).toContain(stateAfter(state, change))
  }
})

it('has the documented transition table', () => {
  const rows = connectionStates.map((state) => [
    state,
    connectionChanges.map((change) => `${change} ${stateAfter(state, change)}`).join(', '),
  ])
  expect(Object.fromEntries(rows)).toEqual({
    pending:
      'begin pending, connect active, prove pending, fail pending, refuse pending, revoke disconnected, disconnect disconnected',
    active:
      'begin active, connect active, prove active, fail degraded, refuse needs_reauth, revoke revoked, disconnect disconnected',
    degraded:
      'begin degraded, connect active, prove active, fail degraded, refuse needs_reauth, revoke revoked, disconnect disconnected',
    needs_reauth:
      'begin needs_reauth, connect active, prove active, fail needs_reauth, refuse needs_reauth, revoke revoked, disconnect disconnected',
    revoked:
      'begin revoked, connect active, prove revoked, fail revoked, refuse revoked, revoke revoked, disconnect disconnected',
    unreadable:
      'begin unreadable, connect active, prove unreadable, fail unreadable, refuse unreadable, revoke revoked, disconnect disconnected',
    disconnected:
      'begin pending, connect active, prove disconnected, fail disconnected, refuse disconnected, revoke disconnected, disconnect disconnected',
  })
})

describe.for(['revoked', 'disconnected', 'pending'] as const)('a connection in state %s', (state) => {
  it('is not reactivated by a late refresh', () => {
    for (const change of ['prove', 'fail', 'refuse'] as const) expect(stateAfter(state, change)).toBe(state)
  })
})

it('connecting clears any failure', () => {
  for (const state of connectionStates) expect(stateAfter(state, 'connect')).toBe('active')
})

it('an outage alone never leads to needs_reauth', () => {
  const others = connectionStates.filter((state) => state !== 'needs_reauth')
  for (const state of others) expect(stateAfter(stateAfter(state, 'fail'), 'fail')).not.toBe('needs_reauth')
})

it('a late success after needs_reauth recovers the connection', () => {
  expect(stateAfter('needs_reauth', 'prove')).toBe('active')
})
