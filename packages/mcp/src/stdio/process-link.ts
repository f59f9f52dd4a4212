import type { Link, Versions } from '../session/link.ts'
import type { ProcessOptions } from './process-tree.ts'

export interface ProcessLinkOptions extends ProcessOptions {
  readonly versions: Versions
  readonly maxMessageBytes: number
  readonly secrets: readonly string[]
}

/** A server as a child process. */
export function processLink(options: ProcessLinkOptions): Link {
  const { versions, secrets } = options
  return {
    kind: 'stdio',
    versions,
    secrets,
    async open({ serverId, logger, clock, onRefusedAnswer }) {
      // The SDK and all it brings along are loaded with the first connection, not with this package.
      const { ProcessTransport } = await import('./process-transport.ts')
      const transport = new ProcessTransport({ ...options, serverId, logger, clock, onRefusedAnswer })
      return {
        transport,
        hold: () => {
          transport.hold()
        },
        release: () => {
          transport.release()
        },
        endSession: () => Promise.resolve(),
        explain: (failure) => transport.explain(failure),
      }
    },
  }
}
