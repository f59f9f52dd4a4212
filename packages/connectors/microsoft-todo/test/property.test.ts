import { valueAt } from '@mcpclient/core/define'
import { GRAPH_TOKEN, graphHistory, historyCount, hostileHistories } from '@mcpclient/testkit'
import { expect, it } from 'vitest'
import { microsoftTodo } from '../src/index.ts'

const HISTORIES = historyCount(20)

it(`holds the guarantees of tasks in ${HISTORIES} hostile histories`, { timeout: 600_000 }, async () => {
  const { violations, missing } = await hostileHistories(HISTORIES, {
    quietCost: 1,
    compose: (context) =>
      graphHistory(microsoftTodo({ token: GRAPH_TOKEN }), context, {
        sync: 'tasks',
        params: { listId: 'tasks' },
        items: (graph) => graph.tasks(),
        fields: [
          { name: 'title' },
          {
            name: 'body',
            write: (content) => ({ content, contentType: 'text' }),
            read: (body) => valueAt(body, 'content'),
          },
        ],
        // Graph takes no ids from clients, and no condition of a change.
        admits: { duplicates: true, overwrites: true },
      }),
  })
  expect(violations).toEqual([])
  // A batch without these has proved nothing.
  expect(missing).toEqual([])
})
