import type { Link, Versions } from '../protocol/link.ts'
import type { ProcessOptions } from './process-tree.ts'

export interface ProcessLinkOptions extends ProcessOptions {
  readonly versions: Versions
  readonly maxMessageBytes: number
  readonly secrets: readonly string[]
}

/** Creates the link to a server that is a child process. */
export function processLink(options: ProcessLinkOptions): Link {
  const { versions, secrets } = options
  return {
    kind: 'stdio',
    versions,
    secrets,
    async open({ serverId, logger, clock, onRefusedResponse }) {
      // The SDK and its dependencies are loaded with the first connection, not with this package.
      const { ProcessTransport } = await import('./process-transport.ts')
      const transport = new ProcessTransport({ ...options, serverId, logger, clock, onRefusedResponse })
      return {
        transport,
        ref: () => {
          transport.ref()
        },
        unref: () => {
          transport.unref()
        },
        endSession: () => Promise.resolve(),
        explain: (failure) => transport.explain(failure),
      }
    },
  }
}
