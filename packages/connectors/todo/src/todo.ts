import { storeKey, systemClock } from '@mcpclient/core'
import type { Clock, Connector, Store } from '@mcpclient/core'
import { ConnectorError, defineConnector, noAuth } from '@mcpclient/core/define'
import type { TypesOfFactory } from '@mcpclient/core/define'
import { toolsOf } from './tools.ts'

export interface TodoOptions {
  /** The store of the tasks. Wrap it in `encrypted` of `@mcpclient/core/vault` if others can read the database. */
  readonly store: Store
  /** The first segment of the keys in the store. @default 'todo' */
  readonly namespace?: string | undefined
  /** The time of `createdAt` and the like. @default systemClock */
  readonly clock?: Clock | undefined
}

export const definitionOf = ({ store, namespace = 'todo', clock = systemClock }: TodoOptions) =>
  defineConnector({
    id: 'todo',
    name: 'To-do list',
    description: 'A to-do list for each tenant and account, in a store of the host.',
    baseUrl: null,
    auth: noAuth,
    check: { request: { method: 'EXCHANGE', path: 'check', run: () => store.get(storeKey(namespace)) } },
    tools: toolsOf({ store, namespace, clock }),
  })

/** The tools of the to-do list, under one name for editors. */
export interface TodoTypes extends TypesOfFactory<ReturnType<typeof definitionOf>> {}

/**
 * A to-do list for each tenant, in a store of the host. Each account, such as `ada.todo.at('work')`, is a list of its own.
 *
 * @example
 * const mcp = createMcpClient({ connectors: { todo: todo({ store: sqliteStore({ file: 'tasks.db' }) }) } })
 * await mcp.as('ada').todo.call('create_task', { title: 'Count herons' })
 *
 * @throws ConnectorError `CONFIGURATION_ERROR` without a store
 */
export const todo = Object.assign(
  (options: TodoOptions): Connector<TodoTypes> => {
    // Hosts in JavaScript have no types.
    const given = options as { readonly store?: Partial<Store> } | undefined
    if (typeof given?.store?.list === 'function') return definitionOf(options)()
    throw new ConnectorError('CONFIGURATION_ERROR', 'todo() requires a store.', {
      hint: 'Pass one: todo({ store }), with memoryStore() of @mcpclient/core or a store of a database.',
    })
  },
  { type: 'todo' },
)
