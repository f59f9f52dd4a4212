import { ConnectorError } from '@mcpclient/core'
import type { SyncOperation, SyncPage, SyncRequest } from '@mcpclient/core'
import type { AnySync, AnySyncMapping, SetChange } from '@mcpclient/core/define'
import { canonical } from './images.ts'
import type { Fields, Remote, RemoteAnswer, RemoteCode, RemoteRecord, SkippedRecord } from './remote.ts'

interface Source extends Pick<SyncRequest, 'sync' | 'fields' | 'params' | 'send'> {
  readonly mapping?: AnySyncMapping | undefined
}

/**
 * Makes the provider's side of a sync out of its definition. Each request is a call of the pipeline, and the definition's
 * error codes become the codes of a {@link Remote}.
 */
export function connectorRemote({ sync, fields, params, send, mapping }: Source): Remote {
  const { codes, key, version, push = {} } = sync
  const compared = mapping?.fields ?? fields.filter((field) => field !== key && field !== version)
  const records = readerOf(sync, compared, mapping)
  const { readOnly, sets } = mapping ?? sync
  const hasVersions = version !== undefined
  const { create, update, remove } = push

  const perform = async <Code extends Exclude<RemoteCode, 'unreadable'>>(
    operation: SyncOperation,
    expected: readonly Code[],
  ): Promise<{ readonly body: unknown } | RemoteAnswer<Code>> => {
    try {
      return { body: await send(operation) }
    } catch (error) {
      const providerCode = ConnectorError.is(error) ? error.details.providerCode : undefined
      const code = expected.find((each) => providerCode !== undefined && codes[each]?.includes(providerCode))
      if (code === undefined) throw error
      return { code, reason: (error as ConnectorError).message }
    }
  }

  const getItem = (id: string) => sync.get(id, { params } as never)
  /** Reads the item that a write is based on. */
  const readItem = async (
    id: string,
    basedOn: string | undefined,
  ): Promise<Parsed | RemoteAnswer<'conflict' | 'gone'>> => {
    const found = await perform({ name: 'get', effect: 'read', idempotent: true, request: () => getItem(id) }, ['gone'])
    if ('code' in found) return found
    const parsed = records.parse(found.body)
    return 'unreadable' in parsed || parsed.version !== basedOn ? { code: 'conflict' } : parsed
  }

  return {
    traits: {
      fields: compared,
      readOnly,
      sets,
      conditionalWrites: hasVersions,
      conditionalRemovals: sync.conditionalRemovals,
      removals: sync.removals ?? 'fed',
      completeList: sync.completeList,
      settleMs: sync.settleMs,
      // A row of another shape does not name its parent.
      parent: mapping === undefined ? sync.parent && ((item) => sync.parent?.(itemOf(item) as never)) : undefined,
    },
    newId: push.id,
    newKey: push.idempotencyKey,

    async pull({ since, page }) {
      const request = () => sync.pull({ params, since, page } as never)
      const pulled = await perform({ name: 'pull', effect: 'read', idempotent: true, request }, ['expired'])
      if ('code' in pulled) return pulled
      const { changed, removed = [], ...others } = pageOf(sync, pulled.body)
      const read = changed.map((item) => records.read(item))
      return {
        ...others,
        changed: read.flatMap((each) => ('item' in each ? [each] : [])),
        removed: [...removed, ...read.flatMap((each) => ('absent' in each ? [each.absent] : []))],
        skipped: read.flatMap((each, at) => ('unreadable' in each ? [records.skipped(changed[at], each)] : [])),
      }
    },

    async get(id) {
      const found = await perform({ name: 'get', effect: 'read', idempotent: true, request: () => getItem(id) }, [
        'gone',
      ])
      if ('code' in found) return found
      const read = records.read(found.body)
      if ('item' in read) return read
      return 'absent' in read ? { code: 'gone' } : { code: 'unreadable', reason: read.unreadable }
    },

    ...(create && {
      async create(item: Fields, { id = '', idempotencyKey = '' }: CreateCall) {
        const sent = sentFor(mapping, itemOf(item), item)
        const request = () => create(sent as never, { params, id, idempotencyKey } as never)
        const isRepeatable = push.id !== undefined || push.idempotencyKey !== undefined
        const operation = { name: 'create', effect: 'write', idempotent: isRepeatable, request } as const
        const created = await perform(operation, ['exists'])
        return 'code' in created ? created : records.written(created.body)
      },
    }),

    ...(update && {
      async update(id: string, changes: Fields, { version, item = changes, current = {} }: UpdateCall) {
        const read = mapping?.readFirst?.some((field) => field in changes) ? await readItem(id, version) : undefined
        if (read !== undefined && 'code' in read) return read
        const sent = sentFor(mapping, changes, item, read?.source)
        const before = read?.source ?? (sync.sets === undefined ? {} : sentFor(mapping, current, current))
        const sets = setChanges(sync.sets, sent, before)
        const request = () => update(sent as never, { params, id, version, sets } as never)
        const operation = { name: 'update', effect: 'write', idempotent: hasVersions, request } as const
        const updated = await perform(operation, ['conflict', 'gone'])
        return 'code' in updated ? updated : records.written(updated.body)
      },
    }),

    ...(remove && {
      async remove(id: string, call: { readonly version?: string | undefined }) {
        const request = () => remove({ params, id, version: call.version } as never)
        const removed = await perform({ name: 'remove', effect: 'destroy', idempotent: true, request }, [
          'conflict',
          'gone',
        ])
        return 'code' in removed ? removed : undefined
      },
    }),
  }
}

interface CreateCall {
  readonly id?: string | undefined
  readonly idempotencyKey?: string | undefined
}

interface UpdateCall {
  readonly version?: string | undefined
  readonly item?: Fields | undefined
  readonly current?: Fields | undefined
}

/** Returns what each changed set gains and loses against the current record. */
function setChanges(
  names: readonly string[] = [],
  changes: Fields,
  current: Fields,
): Readonly<Record<string, SetChange>> {
  const changed = names.filter((name) => name in changes)
  return Object.fromEntries(
    changed.map((name) => [
      name,
      { added: missingIn(current[name], changes[name]), removed: missingIn(changes[name], current[name]) },
    ]),
  )
}

/** Returns the elements of a list that another list does not have. */
function missingIn(list: unknown, elements: unknown): readonly unknown[] {
  const known = new Set(elementsIn(list).map(canonical))
  return elementsIn(elements).filter((element) => !known.has(canonical(element)))
}

const elementsIn = (list: unknown): readonly unknown[] => (Array.isArray(list) ? list : [])

/** Returns an item without its empty fields, as the schema of the sync has it. */
export const itemOf = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined))

/** Returns an item without its unknown fields, which a mapping of a sparse item leaves undefined. */
const knownIn = (item: Fields): Fields =>
  Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined))

/** Returns an item with null for each field that it does not have. */
export const fieldsIn = (item: Fields, names: readonly string[]): Fields =>
  Object.fromEntries(names.map((name) => [name, item[name] ?? null]))

/** The content of a response: a record, an item without a row, or something that cannot be read. */
type Read = RemoteRecord | { readonly absent: string } | Unreadable

interface Unreadable {
  readonly unreadable: string
}

/** A record as the schema of the sync has it. */
interface Parsed {
  readonly id: string
  readonly version: string | undefined
  readonly source: Fields
}

/** Reads records out of responses. */
function readerOf(sync: AnySync, compared: readonly string[], mapping: AnySyncMapping | undefined) {
  const { item: schema, key, version, revision, sparse = false } = sync
  const parse = (value: unknown): Parsed | Unreadable => {
    const parsed = schema.safeParse(value)
    if (!parsed.success) return { unreadable: 'It does not match the schema of the sync.' }
    const source = parsed.data as Fields
    const id = idIn(source, key)
    if (id === undefined) return { unreadable: 'It has no id.' }
    return { id, source, version: version === undefined ? undefined : idIn(source, version) }
  }
  const read = (value: unknown): Read => {
    const parsed = parse(value)
    if ('unreadable' in parsed) return parsed
    const { source, ...ids } = parsed
    const row = mapping === undefined ? source : rowOf(mapping, source)
    if (row === undefined) return { absent: ids.id }
    if (typeof row === 'string') return { unreadable: row }
    return { ...ids, revision: revision?.(source as never), item: sparse ? knownIn(row) : fieldsIn(row, compared) }
  }
  return {
    parse,
    read,
    /** @throws ConnectorError DATA_TRANSFORMATION_ERROR if the provider did not return the item that it stored */
    written(value: unknown): RemoteRecord {
      const record = read(value)
      if ('item' in record) return record
      throw new ConnectorError('DATA_TRANSFORMATION_ERROR', 'The provider did not return the item that it stored.', {
        outcome: 'unknown',
        hint: "Report it to the connector's author.",
      })
    },
    /** @throws ConnectorError DATA_TRANSFORMATION_ERROR if the item has no id either */
    skipped(value: unknown, { unreadable: reason }: Unreadable): SkippedRecord {
      const id = typeof value === 'object' && value !== null ? idIn(value as Fields, key) : undefined
      if (id === undefined) throw notAPage('an item has no id')
      return { id, reason }
    },
  }
}

/** Returns the row of an item, no row, or why it cannot be translated. */
function rowOf(mapping: AnySyncMapping, item: Fields): Fields | string | undefined {
  try {
    return mapping.toRow(item as never) as Fields | undefined
  } catch (error) {
    return untranslated(error).message
  }
}

/** Returns the fields that are sent for changed fields of a record. */
function sentFor(mapping: AnySyncMapping | undefined, changes: Fields, record: Fields, current?: Fields): Fields {
  if (mapping === undefined) return changes
  try {
    return mapping.toItem(changes as never, itemOf(record) as never, current as never) as Fields
  } catch (error) {
    throw untranslated(error)
  }
}

const untranslated = (error: unknown): ConnectorError =>
  ConnectorError.is(error)
    ? error
    : new ConnectorError(
        'INVALID_INPUT',
        'The mapping failed for this record.',
        { outcome: 'not_processed' },
        { cause: error },
      )

function idIn(item: Fields, field: string): string | undefined {
  const value = item[field]
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}

function pageOf({ page }: AnySync, body: unknown): SyncPage {
  if (page === undefined) return body as SyncPage
  const parsed = page.safeParse(body)
  if (parsed.success) return parsed.data
  throw notAPage('it does not match the schema of the page')
}

const notAPage = (why: string): ConnectorError =>
  new ConnectorError('DATA_TRANSFORMATION_ERROR', `The response is no page of the sync: ${why}.`, {
    hint: "Report it to the connector's author.",
  })
