import type { ConnectorContext } from '../pipeline/connector-context.ts'
import { keySegments } from '../ports/store.ts'
import type { CircuitChange } from '../resilience/circuit.ts'

/** Returns the listener that emits and logs each state change of a breaker. */
export const announceBreaker =
  (serverId: string, emit: ConnectorContext['emit'], logger: ConnectorContext['logger']) =>
  ({ key, to, openMs }: CircuitChange): void => {
    const [, tenant, connection] = keySegments(key)
    const about = { serverId, tenant, connection: connection ?? 'app' }
    if (to === 'open') {
      logger.warn({ event: 'breaker.opened', ...about, forMs: openMs }, 'A breaker opened.')
      emit('breaker.opened', () => ({ ...about, forMs: openMs }))
      return
    }
    const event = to === 'half_open' ? 'breaker.half_opened' : 'breaker.closed'
    logger.info({ event, ...about }, to === 'half_open' ? 'A breaker lets probes through.' : 'A breaker closed.')
    emit(event, () => about)
  }
