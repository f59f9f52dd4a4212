import process from 'node:process'
import { valueAt } from '@mcpclient/core/define'
import { GRAPH_TOKEN, graphScene, hostileHistory } from '@mcpclient/testkit'
import { expect, it } from 'vitest'
import { microsoftTodo } from '../src/index.ts'

/** Histories in each run of the tests. */
const SEEDS = Number(process.env['HISTORIES'] ?? 60)

it(`holds the guarantees of tasks in ${SEEDS} hostile histories`, { timeout: 600_000 }, async () => {
  const totals: Record<string, number> = {}
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { violations, counts } = await hostileHistory({
      seed,
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
      scene({ random, around }) {
        const { graph, table, clock, both, parked } = graphScene(microsoftTodo({ token: GRAPH_TOKEN }), {
          sync: 'tasks',
          params: { listId: 'tasks' },
          random,
          around,
          plan: { brake: 'off' },
          lagMs: random() < 0.5 ? 120_000 : 0,
          failBefore: 0.03,
          failAfter: 0.03,
          stalePages: 0.1,
          repeatedPages: 0.1,
          emptyPages: 0.1,
        })
        return {
          clock,
          table,
          items: graph.tasks(),
          round: both,
          parked,
          expire: () => graph.expireDeltaLinks(),
          expirePages: () => graph.expireNextLinks(),
          behave: () => graph.behave(),
          writes: () => graph.writes(),
        }
      },
    })
    expect(violations, `seed ${seed}`).toEqual([])
    for (const [name, count] of Object.entries(counts)) totals[name] = (totals[name] ?? 0) + count
  }
  // A batch without these has proved nothing.
  for (const [name, count] of Object.entries(totals)) expect(count, name).toBeGreaterThan(0)
})
