import type { ClientContext, RuntimeEvents } from '@mcpclient/core'

/** Emits an event of the runtime. A listener that throws is logged, because it must not undo the work that is reported. */
export function announce<E extends keyof RuntimeEvents>(client: ClientContext, event: E, data: RuntimeEvents[E]): void {
  try {
    client.emit(event, data)
  } catch (error) {
    client.logger.warn({ event: 'listener.failed', about: event, error }, 'A listener of the client failed.')
  }
}
