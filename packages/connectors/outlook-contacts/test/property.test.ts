import { GRAPH_TOKEN, graphHistory, historyCount, hostileHistories } from '@mcpclient/testkit'
import { expect, it } from 'vitest'
import { outlookContacts } from '../src/index.ts'

const HISTORIES = historyCount(20)

it(`holds the guarantees of contacts in ${HISTORIES} hostile histories`, { timeout: 600_000 }, async () => {
  const { violations, missing } = await hostileHistories(HISTORIES, {
    quietCost: 1,
    compose: (context) =>
      graphHistory(outlookContacts({ token: GRAPH_TOKEN }), context, {
        sync: 'contacts',
        items: (graph) => graph.contacts(),
        fields: [{ name: 'nickName' }, { name: 'jobTitle' }],
        // Graph takes no ids from clients, and has no marker that can be searched.
        admits: { duplicates: true },
      }),
  })
  expect(violations).toEqual([])
  // A batch without the others has proved nothing. Every change of a contact has a condition.
  expect(missing).toEqual(['unconditional'])
})
