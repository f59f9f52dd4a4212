import { GRAPH_TOKEN, graphScene } from '@mcpclient/testkit'
import type { GraphSceneOptions } from '@mcpclient/testkit'
import { outlookMail } from '../src/index.ts'

/** Composes a client with one mailbox, a table and a simulated Graph. */
export function setUp(options: Omit<GraphSceneOptions, 'sync'> = {}) {
  const scene = graphScene(outlookMail({ token: GRAPH_TOKEN }), { sync: 'messages', ...options })
  return {
    ...scene,
    pull: (params: { readonly folderId?: string; readonly format?: 'metadata' | 'full' } = {}) =>
      scene.pull({ params }),
    subjects: () => scene.table.rows().map(({ subject }) => subject),
  }
}
