import type { Principal } from '../identity/principal.ts'
import type { AnyClient } from './client-host.ts'
import type { ConnectorRuntime } from './connector-runtime.ts'

/**
 * Creates the views that `as` returns. Each property is the client of a connector, created on first read. The getters are
 * on one shared prototype, so a view is cheap.
 */
export class ViewMaker {
  readonly #prototype: object = {}

  add(serverId: string): void {
    Object.defineProperty(this.#prototype, serverId, {
      configurable: true,
      enumerable: true,
      get(this: View): AnyClient {
        const client = this[open](serverId)
        Object.defineProperty(this, serverId, { value: client, enumerable: true })
        return client
      },
    })
  }

  make(principal: Principal, runtimeOf: (serverId: string) => ConnectorRuntime): object {
    const view = Object.create(this.#prototype) as View
    Object.defineProperty(view, open, { value: (serverId: string) => runtimeOf(serverId).open(principal) })
    return view
  }
}

const open = Symbol('open')
interface View {
  readonly [open]: (serverId: string) => AnyClient
}
