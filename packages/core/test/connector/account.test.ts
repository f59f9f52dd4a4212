import { describe, expect, it } from 'vitest'
import { accountAt } from '@mcpclient/core/define'

const body = { team: { id: 'T1', name: 'Marshes' }, user: { id: 7, name: 'heron' }, none: '' }

describe('the account in a body', () => {
  it.each([
    [{ id: 'team.id' }, { id: 'T1', name: undefined }],
    [
      { id: ['team.id', 'user.id'], name: 'team.name' },
      { id: 'T1:7', name: 'Marshes' },
    ],
    [
      { id: 'user.id', name: ['user.name', 'none', 'team.name'] },
      { id: '7', name: 'heron, Marshes' },
    ],
    [
      { id: 'user.id', name: 'user.email' },
      { id: '7', name: undefined },
    ],
  ])('is read at %j', (places, account) => {
    expect(accountAt(body, places)).toEqual(account)
  })

  it.each([[{ id: 'team' }], [{ id: 'none' }], [{ id: ['team.id', 'user.uuid'] }]])(
    'is unknown without every part of its id at %j',
    (places) => {
      expect(accountAt(body, places)).toBeUndefined()
    },
  )

  it.each([[undefined], [null], ['<html>'], [[]]])('is unknown in %j', (other) => {
    expect(accountAt(other, { id: 'id' })).toBeUndefined()
  })
})
