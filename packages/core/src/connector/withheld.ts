import type { Connector } from './connector.ts'

/** What a composition gives to a connector, secrets among it. */
const given = ['appCredential', 'app', 'settings'] as const

/**
 * The same connector, with what it was composed with behind getters: whoever prints it, or the options in which it
 * stands, sees that there is something, and not what.
 */
export function withheld<Composed extends Pick<Connector, 'profile' | (typeof given)[number]>>(
  connector: Composed,
): Composed {
  const shown = { ...connector }
  for (const name of given) {
    // Enumerable, so that a connector can still be copied.
    Object.defineProperty(shown, name, { enumerable: true, get: () => connector[name] })
  }
  const { id, name } = connector.profile
  return Object.defineProperty(shown, 'toJSON', { value: () => ({ id, name }) })
}
