import type { DocumentCache, FlowContext, Registrations } from '../../src/auth/grant-flow.ts'
import { systemClock } from '../../src/ports/clock.ts'
import { fetchTransport } from '../../src/transports/fetch-transport.ts'

/** Returns the context of protocol code, with a real network by default. */
export function flowContext(given: Partial<FlowContext> = {}): FlowContext {
  return {
    app: {},
    fields: {},
    settings: {},
    transport: fetchTransport(),
    clock: systemClock,
    signal: undefined,
    documents: new Map() satisfies DocumentCache,
    registrations: memoryRegistrations(),
    ...given,
  }
}

export function memoryRegistrations(): Registrations & { readonly kept: ReadonlyMap<string, object> } {
  const kept = new Map<string, Readonly<Record<string, unknown>>>()
  return {
    kept,
    find: (issuer) => Promise.resolve(kept.get(issuer)),
    keep: (issuer, registration) => {
      kept.set(issuer, registration)
      return Promise.resolve(registration)
    },
    forget: (issuer) => {
      kept.delete(issuer)
      return Promise.resolve()
    },
  }
}
