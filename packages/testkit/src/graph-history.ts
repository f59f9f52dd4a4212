import type { Connector } from '@mcpclient/core'
import { graphScene } from './graph-scene.ts'
import type { HistoryContext, HistoryScene } from './hostile-history.ts'
import { wordEdits } from './word-edits.ts'
import type { RemoteItems, WordEditsOptions } from './word-edits.ts'

export interface GraphHistoryOptions extends Pick<WordEditsOptions, 'fields' | 'admits'> {
  readonly sync: string
  readonly params?: object | undefined
  /** Returns the items that users edit at Graph. */
  readonly items: (graph: ReturnType<typeof graphScene>['graph']) => RemoteItems
}

/** Composes a history of records that users edit word by word, at a faulty Graph and in a table. */
export function graphHistory(
  connector: Connector,
  context: HistoryContext,
  { sync, params, items, fields, admits }: GraphHistoryOptions,
): HistoryScene {
  const { random, around } = context
  const { graph, faults, clock, table, both, parked } = graphScene(connector, {
    sync,
    params,
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
    ...faults,
    ...wordEdits(context, { clock, table, items: items(graph), fields, parked, admits }),
    round: () => both(),
  }
}
