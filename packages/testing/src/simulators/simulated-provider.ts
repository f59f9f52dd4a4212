import { ConnectorError } from '@mcpclient/core'

type Item = Readonly<Record<string, unknown>>

/** A record as the provider returns it. */
export interface SimulatedRecord {
  readonly id: string
  readonly version?: string | undefined
  readonly revision?: number | undefined
  readonly item: Item
  readonly marker?: string | undefined
}

/** A page of a list of records, or of the changes since a checkpoint. */
export interface SimulatedPage {
  readonly changed: readonly SimulatedRecord[]
  readonly removed: readonly string[]
  readonly page?: string | undefined
  readonly checkpoint?: string | undefined
}

/** The abilities of the provider, and its faults. A probability is a number from 0 to 1. */
export interface SimulatedProviderOptions {
  readonly now: () => number
  /** Uniform in [0, 1). Decides every misbehaviour, so a seed replays it. */
  readonly random: () => number
  /** Whether `create` takes the id from the client, an idempotency key, a searchable marker, or nothing. */
  readonly creates: 'ids' | 'keys' | 'markers' | 'neither'
  /**
   * The response to a create that is repeated with its idempotency key: the `response` to the first one, or the `record` as it is
   * now; one that was removed is created again then. With other content, the code is `exists`.
   * @default 'record'
   */
  readonly repeatedKeys?: 'response' | 'record' | undefined
  /** Whether writes check the version that they are based on. */
  readonly etags: boolean
  /** Whether changes include removals. */
  readonly tombstones: boolean
  /** Whether records have a revision that grows. */
  readonly revisions: boolean
  /**
   * Returns whether an item belongs to the list. `get` returns others, too, and a change of them comes as a removal.
   * @default every item belongs to it
   */
  readonly isListed?: ((item: Item) => boolean) | undefined
  /** @default 2 */
  readonly pageSize?: number | undefined
  /**
   * Milliseconds for which a read may show the state before a write.
   * @default 0
   */
  readonly lagMs?: number | undefined
  /** Returns a value as the provider stores it. The default changes nothing. */
  readonly normalize?: ((item: Item) => Item) | undefined
  /**
   * The pages that have a checkpoint: the last one, with the state at the first page, or every page, with the current state.
   * In the second case only the first one is safe to use.
   * @default 'last'
   */
  readonly checkpoints?: 'last' | 'every' | undefined
  /** Probability of a failure before the effect of a request. */
  readonly failBefore?: number | undefined
  /** Probability of a further failure before the effect of a create, whose outcome the client does not learn. */
  readonly failCreates?: number | undefined
  /** Probability of a failure after the effect of a write. */
  readonly failAfter?: number | undefined
  /** Probability that a page is one that was returned for the same place earlier. */
  readonly stalePages?: number | undefined
  /** Probability that a page begins with the records of the page before it. */
  readonly repeatedPages?: number | undefined
  /** Probability of an empty page that has a next one. */
  readonly emptyPages?: number | undefined
}

interface State {
  readonly at: number
  readonly version: number
  readonly item: Item
  readonly isRemoved: boolean
}

interface Row {
  readonly marker: string | undefined
  /** The last state is the current one. */
  readonly states: State[]
}

type Code<Name extends string> = Promise<{ readonly code: Name }>

/** A provider with an HTTP API, reduced to what matters for sync. */
export interface SimulatedProvider {
  readonly newId?: ((seed: string) => string) | undefined
  readonly newKey?: ((seed: string) => string) | undefined
  pull(place: {
    readonly since?: string | undefined
    readonly page?: string | undefined
    /** Overrides `pageSize` for this page. */
    readonly size?: number | undefined
  }): Promise<SimulatedPage | { readonly code: 'expired' }>
  get(id: string): Promise<SimulatedRecord | { readonly code: 'gone' }>
  create(
    item: Item,
    call: {
      readonly id?: string | undefined
      readonly idempotencyKey?: string | undefined
      readonly marker?: string | undefined
    },
  ): Promise<SimulatedRecord | { readonly code: 'exists' }>
  update(
    id: string,
    changes: Item,
    call: { readonly version?: string | undefined },
  ): Promise<SimulatedRecord | { readonly code: 'conflict' | 'gone' }>
  remove(
    id: string,
    call: { readonly version?: string | undefined },
  ): Promise<{ readonly code: 'conflict' | 'gone' } | undefined>
  readonly find?: (marker: string) => Promise<SimulatedRecord | undefined>

  /** Returns what a user sees: every record, in its current state. */
  records(): readonly SimulatedRecord[]
  /** Returns one record in its current state, or undefined if there is none. */
  record(id: string): SimulatedRecord | undefined
  /** Edits of a user, without lag or failures. `put` creates, changes or restores. */
  put(id: string, changes: Item): void
  drop(id: string): void
  /** Ends the life of every checkpoint and page token so far. */
  expire(): void
  /** Ends the life of every page token so far. */
  forgetPages(): void
  /** Switches every misbehaviour off, except the lag. */
  behave(): void
  /** Requests so far, by method. */
  readonly requests: Readonly<Record<'pull' | 'get' | 'create' | 'update' | 'remove' | 'find', number>>
  /** Writes of clients that changed something. */
  writes(): number
  /** Records and tombstones that a full list walks over. */
  size(): number
  /** Failures that a client saw. */
  readonly failures: number
}

/** Creates a {@link SimulatedProvider}. Its first records are those that a test puts there. */
export function simulatedProvider(options: SimulatedProviderOptions): SimulatedProvider {
  const { now, random, creates, etags, tombstones, revisions, pageSize = 2, lagMs = 0 } = options
  const normalize = options.normalize ?? ((item) => item)
  const isListed = options.isListed ?? (() => true)
  const rows = new Map<string, Row>()
  const log: { readonly version: number; readonly id: string; readonly at: number }[] = []
  const createdByKey = new Map<string, { readonly content: string; readonly record: SimulatedRecord }>()
  const served = new Map<string, SimulatedPage>()
  const requests = { pull: 0, get: 0, create: 0, update: 0, remove: 0, find: 0 }
  let version = 0
  /** Checkpoints and page tokens of an earlier one are refused. */
  let era = 0
  let epoch = 0
  let isHostile = true
  let failures = 0
  let made = 0
  let written = 0

  const newServerId = (): string => `s${++made}`
  const happens = (probability = 0): boolean => isHostile && random() < probability
  const mayFail = (probability: number | undefined, code: 'MCP_SERVER_ERROR' | 'OUTCOME_UNKNOWN'): void => {
    if (!happens(probability)) return
    failures++
    throw new ConnectorError(code, 'The simulated provider failed.', {
      outcome: code === 'OUTCOME_UNKNOWN' ? 'unknown' : 'not_processed',
    })
  }
  /** Returns the time whose state a read shows. */
  const readTime = (): number => now() - (lagMs === 0 ? 0 : Math.floor(random() * lagMs))
  const stateAt = (id: string, time: number): State | undefined => rows.get(id)?.states.findLast(({ at }) => at <= time)
  const current = (id: string): State | undefined => {
    const state = rows.get(id)?.states.at(-1)
    return state?.isRemoved ? undefined : state
  }
  const record = (id: string): SimulatedRecord | undefined => {
    const state = current(id)
    return state && view(id, state)
  }
  const view = (id: string, state: State): SimulatedRecord => ({
    id,
    item: state.item,
    ...(etags && { version: `"${state.version}"` }),
    ...(revisions && { revision: state.version }),
    ...(creates === 'markers' && { marker: rows.get(id)?.marker }),
  })
  const write = (id: string, item: Item, isRemoved: boolean, marker?: string): State => {
    const state = { at: now(), version: ++version, item: normalize(item), isRemoved }
    const row = rows.get(id)
    if (row === undefined) rows.set(id, { marker, states: [state] })
    else row.states.push(state)
    log.push({ version, id, at: state.at })
    return state
  }
  const fits = ({ version }: State, based: string | undefined): boolean =>
    !etags || based === undefined || based === `"${version}"`

  const pageOf = (since: string | undefined, token: string | undefined, size: number): SimulatedPage => {
    const [offset = '0', pinned] = token?.split('/') ?? []
    // No page of a round is older than the checkpoint that came with its first one.
    const time = Math.max(readTime(), log.find(({ version }) => String(version) === pinned)?.at ?? 0)
    // A lagging read must not skip what it does not show.
    const latest = String(log.findLast(({ at }) => at <= time)?.version ?? 0)
    const pin = pinned ?? latest
    const at = Number(offset)
    const ids =
      since === undefined
        ? [...rows.keys()].toSorted()
        : [...new Set(log.filter(({ version }) => version > Number.parseInt(since, 10)).map(({ id }) => id))]
    const isEvery = options.checkpoints === 'every'
    if (happens(options.emptyPages)) {
      const page = `${at}/${pin}/${epoch}/${++made}`
      return { changed: [], removed: [], page, ...(isEvery && { checkpoint: `${latest}/${era}` }) }
    }
    const from = happens(options.repeatedPages) ? Math.max(0, at - size) : at
    const shown = ids.slice(from, at + size).map((id) => ({ id, state: stateAt(id, time) }))
    const isLast = at + size >= ids.length
    const isShown = (state: State | undefined): boolean =>
      state !== undefined && !state.isRemoved && isListed(state.item)
    return {
      changed: shown.flatMap(({ id, state }) => (state && isShown(state) ? [view(id, state)] : [])),
      removed:
        tombstones && since !== undefined
          ? shown.filter(({ state }) => state !== undefined && !isShown(state)).map(({ id }) => id)
          : [],
      ...(!isLast && { page: `${at + size}/${pin}/${epoch}/${++made}` }),
      ...(isEvery && { checkpoint: `${latest}/${era}` }),
      ...(!isEvery && isLast && { checkpoint: `${pin}/${era}` }),
    }
  }

  return {
    ...(creates === 'ids' && { newId: (seed: string) => `e${seed}` }),
    ...(creates === 'keys' && { newKey: (seed: string) => seed }),
    requests,
    get failures() {
      return failures
    },

    async pull({ since, page, size = pageSize }) {
      requests.pull++
      mayFail(options.failBefore, 'MCP_SERVER_ERROR')
      if (since !== undefined && Number(since.split('/')[1]) < era) return { code: 'expired' }
      if (page !== undefined && Number(page.split('/')[2]) < epoch) {
        if (random() < 0.5) return { code: 'expired' }
        throw new ConnectorError('MCP_CLIENT_ERROR', 'The page token is not valid.', { outcome: 'not_processed' })
      }
      const place = JSON.stringify([since ?? null, page?.split('/').slice(0, 3) ?? null, size])
      const earlier = served.get(place)
      if (earlier !== undefined && happens(options.stalePages)) return earlier
      const answer = pageOf(since, page, size)
      served.set(place, answer)
      return answer
    },

    async get(id) {
      requests.get++
      mayFail(options.failBefore, 'MCP_SERVER_ERROR')
      const state = stateAt(id, readTime())
      return state === undefined || state.isRemoved ? { code: 'gone' } : view(id, state)
    },

    async create(item, { id: chosen, idempotencyKey, marker }) {
      requests.create++
      mayFail(options.failBefore, 'MCP_SERVER_ERROR')
      if (options.failCreates !== undefined) mayFail(options.failCreates, 'OUTCOME_UNKNOWN')
      const content = JSON.stringify(item)
      const first = creates === 'keys' ? createdByKey.get(idempotencyKey ?? '') : undefined
      const repeated = options.repeatedKeys === 'response' ? first?.record : first && record(first.record.id)
      if (repeated !== undefined) return first?.content === content ? repeated : { code: 'exists' }
      const id = creates === 'ids' && chosen !== undefined ? chosen : newServerId()
      if (rows.has(id)) return { code: 'exists' }
      const state = write(id, item, false, marker)
      if (idempotencyKey !== undefined) createdByKey.set(idempotencyKey, { content, record: view(id, state) })
      written++
      mayFail(options.failAfter, 'OUTCOME_UNKNOWN')
      return view(id, state)
    },

    async update(id, changes, { version: based }): Promise<SimulatedRecord | Awaited<Code<'conflict' | 'gone'>>> {
      requests.update++
      mayFail(options.failBefore, 'MCP_SERVER_ERROR')
      const state = current(id)
      if (state === undefined) return { code: 'gone' }
      if (!fits(state, based)) return { code: 'conflict' }
      const next = write(id, { ...state.item, ...changes }, false)
      written++
      mayFail(options.failAfter, 'OUTCOME_UNKNOWN')
      return view(id, next)
    },

    async remove(id, { version: based }) {
      requests.remove++
      mayFail(options.failBefore, 'MCP_SERVER_ERROR')
      const state = current(id)
      if (state === undefined) return { code: 'gone' }
      if (!fits(state, based)) return { code: 'conflict' }
      write(id, state.item, true)
      written++
      mayFail(options.failAfter, 'OUTCOME_UNKNOWN')
      return undefined
    },

    ...(creates === 'markers' && {
      async find(marker: string) {
        requests.find++
        mayFail(options.failBefore, 'MCP_SERVER_ERROR')
        const time = readTime()
        for (const [id, row] of rows) {
          const state = row.marker === marker ? stateAt(id, time) : undefined
          if (state !== undefined && !state.isRemoved) return view(id, state)
        }
        return undefined
      },
    }),

    writes: () => written,
    size: () => rows.size,
    records: () => [...rows.keys()].flatMap((id) => record(id) ?? []),
    record,
    put(id, changes) {
      write(id, { ...current(id)?.item, ...changes }, false)
    },
    drop(id) {
      const state = current(id)
      if (state !== undefined) write(id, state.item, true)
    },
    expire() {
      era++
      epoch++
    },
    forgetPages() {
      epoch++
    },
    behave() {
      isHostile = false
    },
  }
}
