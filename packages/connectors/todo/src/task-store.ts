import { sleep, storeKey } from '@mcpclient/core'
import type { Clock, Store } from '@mcpclient/core'
import { ConnectorError } from '@mcpclient/core/define'
import type { PerformContext } from '@mcpclient/core/define'
import { Row } from './shapes.ts'

/** Maximum number of compare-and-swaps for one write. */
const MAX_ATTEMPTS = 20
/** Maximum wait before another compare-and-swap, in milliseconds. */
const MAX_WAIT_MS = 64
/** Number of rows that a list holds at once. */
const PAGE = 500

export interface StoredTask {
  readonly id: string
  readonly row: Row
}

/** A write, with the task before it. `changed` is false if there was nothing to write. */
export interface Written extends StoredTask {
  readonly before: Row
  readonly changed: boolean
}

export interface TaskStoreOptions {
  readonly store: Store
  readonly namespace: string
  readonly clock: Clock
}

/** The tasks of one account during one call. */
export class TaskStore {
  readonly clock: Clock
  readonly #store: Store
  readonly #prefix: string
  readonly #context: PerformContext

  constructor({ store, namespace, clock }: TaskStoreOptions, context: PerformContext) {
    this.clock = clock
    this.#store = store
    this.#prefix = `${storeKey(namespace, context.principal.tenant, context.account)}/`
    this.#context = context
    // Until the first write, a failure leaves nothing unknown.
    context.sent(false)
  }

  /** @throws ConnectorError MCP_CLIENT_ERROR with the status 404 if there is no such task */
  async get(id: string): Promise<StoredTask & { readonly version: string }> {
    const stored = await this.#ask(() => this.#store.get(this.#prefix + id))
    if (stored === undefined) throw notFound(id)
    const row = rowIn(stored.value)
    if (row === undefined) throw unreadable(id)
    return { id, row, version: stored.version }
  }

  /** Stores a new task. Returns the stored one, unchanged, if its id is taken. */
  create(id: string, row: Row): Promise<Written> {
    return this.#swap(id, async () => {
      if (await this.#put(id, row, null)) return { id, row, before: row, changed: true }
      try {
        const existing = await this.get(id)
        return { id, row: existing.row, before: existing.row, changed: false }
      } catch (error) {
        // It was deleted meanwhile.
        if (isNotFound(error)) return undefined
        throw error
      }
    })
  }

  /**
   * Changes a task by compare-and-swap, so that fields that others change at the same time stay.
   * @param edit returns the changed row; it runs again for each attempt
   */
  change(id: string, edit: (row: Row) => Row): Promise<Written> {
    return this.#swap(id, async () => {
      const { row: before, version } = await this.get(id)
      const row = edit(before)
      if (JSON.stringify(row) === JSON.stringify(before)) return { id, row: before, before, changed: false }
      const next = { ...row, updatedAt: this.now() }
      return (await this.#put(id, next, version)) ? { id, row: next, before, changed: true } : undefined
    })
  }

  /** Deletes a task, even if it cannot be read. Returns false if there was none. */
  delete(id: string): Promise<boolean> {
    return this.#ask(() => {
      this.#context.sent(true)
      return this.#store.delete(this.#prefix + id)
    })
  }

  /** Yields the tasks in ascending order of id, after `after`. The row is undefined if it cannot be read. */
  async *list(after?: string): AsyncGenerator<{ readonly id: string; readonly row: Row | undefined }> {
    let last = after === undefined ? undefined : this.#prefix + after
    do {
      const options = { after: last, limit: PAGE, reportUnreadable: true }
      const page = await this.#ask(() => this.#store.list(this.#prefix, options))
      for (const { key, value, error } of page.entries) {
        yield { id: key.slice(this.#prefix.length), row: error === undefined ? rowIn(value) : undefined }
      }
      last = page.next
      this.#context.extend()
    } while (last !== undefined)
  }

  now(): string {
    return new Date(this.clock.now()).toISOString()
  }

  /** @returns false if the stored version is another one */
  async #put(id: string, row: Row, ifVersion: string | null): Promise<boolean> {
    const result = await this.#ask(() => {
      this.#context.sent(true)
      return this.#store.put(this.#prefix + id, JSON.stringify(row), { ifVersion })
    })
    const isWritten = 'version' in result
    if (!isWritten) this.#context.sent(false)
    return isWritten
  }

  /** Attempts a write until it is not undefined. The waits are random, so that concurrent writers do not meet again. */
  async #swap(id: string, attempt: () => Promise<Written | undefined>): Promise<Written> {
    for (let lost = 0; lost < MAX_ATTEMPTS; lost++) {
      const waitMs = Math.random() * Math.min(2 ** lost, MAX_WAIT_MS)
      if (lost > 0) await sleep(this.clock, waitMs, this.#context.signal)
      const written = await attempt()
      if (written !== undefined) return written
    }
    throw conflict(id)
  }

  /** Calls the store, unless the call is over. */
  async #ask<Value>(operation: () => Promise<Value>): Promise<Value> {
    this.#context.signal?.throwIfAborted()
    try {
      return await operation()
    } catch (error) {
      if (ConnectorError.is(error)) throw error
      const hint = 'Check the store that was passed to todo().'
      throw new ConnectorError(
        'MCP_CONNECTION_ERROR',
        'The store of the tasks failed.',
        { reason: 'store_unavailable', hint },
        { cause: error },
      )
    }
  }
}

function rowIn(value: string): Row | undefined {
  try {
    const parsed = Row.safeParse(JSON.parse(value))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}

const notFound = (id: string): ConnectorError =>
  new ConnectorError('MCP_CLIENT_ERROR', `There is no task "${id}".`, {
    status: 404,
    reason: 'not_found',
    outcome: 'not_processed',
    hint: 'Find its id with list_tasks. It may have been deleted.',
  })

const isNotFound = (error: unknown): boolean => ConnectorError.is(error) && error.details.reason === 'not_found'

const unreadable = (id: string): ConnectorError =>
  new ConnectorError('DATA_TRANSFORMATION_ERROR', `The row of the task "${id}" cannot be read.`, {
    reason: 'unreadable',
    outcome: 'not_processed',
    hint: 'Restore the row in the store, or delete the task with delete_task.',
  })

const conflict = (id: string): ConnectorError =>
  new ConnectorError('MCP_CLIENT_ERROR', `Others changed the task "${id}" in each of ${MAX_ATTEMPTS} attempts.`, {
    status: 409,
    reason: 'conflict',
    outcome: 'not_processed',
    hint: 'Call it again later.',
  })
