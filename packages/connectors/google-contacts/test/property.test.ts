import { valueAt } from '@mcpclient/core/define'
import { historyCount, hostileHistories, wordEdits } from '@mcpclient/testkit'
import type { RemoteItems, ToggledField, WordField } from '@mcpclient/testkit'
import { expect, it } from 'vitest'
import { setUp } from './sync-scene.ts'

const HISTORIES = historyCount(15)
const MINUTE = 60_000
const MY_CONTACTS = 'contactGroups/myContacts'
const STARRED = 'contactGroups/starred'

const names: WordField = {
  name: 'names',
  write: (givenName) => [{ givenName }],
  read: (list) => valueAt(list, '0.givenName'),
}
const nicknames: WordField = {
  name: 'nicknames',
  write: (value) => [{ value }],
  read: (list) => valueAt(list, '0.value'),
}
const stars: ToggledField = {
  chance: 0.2,
  isOn: ({ memberships = [] }) => JSON.stringify(memberships).includes(STARRED),
  write: (isStarred) => ({ memberships: [MY_CONTACTS, ...(isStarred ? [STARRED] : [])] }),
}

/** Returns the contacts for users who edit them at Google, with their groups as names like in the table. */
const contactsAt = (google: ReturnType<typeof setUp>['google']): RemoteItems => ({
  insert: (contact) => google.insert(contact),
  patch(id, { memberships, ...changes }) {
    const groups = memberships as readonly string[] | undefined
    google.update(id, {
      ...changes,
      ...(groups && {
        memberships: groups.map((name) => ({ contactGroupMembership: { contactGroupResourceName: name } })),
      }),
    })
  },
  remove: (id) => google.remove(id),
  all: () => google.contacts().map((contact) => ({ ...contact, id: contact.resourceName })),
})

it(`holds the guarantees of contacts in ${HISTORIES} hostile histories`, { timeout: 600_000 }, async () => {
  const { violations, missing, admitted } = await hostileHistories(HISTORIES, {
    maxEditsPerStep: 3,
    maxPausesMs: [MINUTE, 20 * MINUTE],
    rates: { failure: 0.03, during: 0.05 },
    quietCost: 1,
    compose(context) {
      const { random, chance, around } = context
      const scene = setUp({
        random,
        around,
        lagMs: chance(0.5) ? Math.floor(random() * 4 * MINUTE) : 0,
        failBefore: 0.03,
        failAfter: 0.05,
        stalePages: 0.1,
        repeatedPages: 0.1,
        emptyPages: 0.1,
        plan: { brake: 'off' },
      })
      const { google, table, clock, sent, both, parked } = scene
      const users = wordEdits(context, {
        clock,
        table,
        items: contactsAt(google),
        fields: [names, nicknames],
        toggled: stars,
        parked,
        admits: { duplicates: true, overwrites: true },
      })
      return {
        ...users,
        clock,
        table,
        round: () => both(),
        expire: () => google.expireSyncTokens(),
        expirePages: () => google.expirePageTokens(),
        behave: () => google.behave(),
        writes: () => google.writes(),
        cost: () => sent.length,
      }
    },
  })
  expect(violations).toEqual([])
  // A batch without these has proved nothing.
  expect(missing).toEqual([])
  // Both losses are rare: the rest of the predicates would be worth little otherwise.
  expect(Math.max(0, ...Object.values(admitted))).toBeLessThanOrEqual(HISTORIES / 10)
})
