/**
 * The fields of one record. An absent field is not known; `null` is a field that was emptied. Map a field that a full
 * representation leaves out to `null`, or the engine cannot see that it was emptied.
 */
export type Fields = Readonly<Record<string, unknown>>

/** A time of change and the clock that measured it. Times of two clocks are never compared. */
export interface ChangeTime {
  readonly at: number
  readonly clock: string
}

/** A record as the provider reports it. */
export interface RemoteRecord {
  readonly id: string
  /** The value that a conditional write sends back: an etag. Absent if the provider has none. */
  readonly version?: string | undefined
  /**
   * A number that grows with each change of the record, on the provider's own scale: a time of change or a sequence
   * number. With it the engine recognizes a record that is older than what it has already seen.
   */
  readonly revision?: number | undefined
  readonly item: Fields
  /** The marker that `create` stored with the record. */
  readonly marker?: string | undefined
  readonly changed?: ChangeTime | undefined
}

/** An id that the provider returned, but whose record cannot be read: it does not match the schema. */
export interface SkippedRecord {
  readonly id: string
  readonly reason: string
}

/** One page of a round. */
export interface RemotePage {
  readonly changed: readonly RemoteRecord[]
  /** Ids of records that no longer exist. */
  readonly removed?: readonly string[] | undefined
  readonly skipped?: readonly SkippedRecord[] | undefined
  /** The token of the next page. Absent on the last page of the round. */
  readonly page?: string | undefined
  /** The start of the next round. The first one of a round is used. */
  readonly checkpoint?: string | undefined
}

/**
 * A refusal of the provider that is part of the protocol and no failure: `expired`: the checkpoint
 * or page token is no longer known · `conflict`: the record changed · `gone`: it does not exist · `exists`: the chosen id
 * is in use · `unreadable`: it does not match the schema.
 */
export type RemoteCode = 'expired' | 'conflict' | 'gone' | 'exists' | 'unreadable'

export interface RemoteAnswer<Code extends RemoteCode> {
  readonly code: Code
  readonly reason?: string | undefined
}

/** The abilities of a provider, as data. Every guarantee that depends on it is in the README. */
export interface RemoteTraits {
  /** The fields that are compared, merged and sent. Others are never sent and never lost. */
  readonly fields: readonly string[]
  /** Fields that are pulled and never sent. */
  readonly readOnly?: readonly string[] | undefined
  /** Array fields that are merged by element. */
  readonly sets?: readonly string[] | undefined
  /** Whether `update` and `remove` fail with `conflict` if the record has another version. */
  readonly conditionalWrites: boolean
  /**
   * The same of `remove` alone. Without it, the record is compared right before it is removed.
   * @default conditionalWrites
   */
  readonly conditionalRemovals?: boolean | undefined
  /**
   * `fed`: removals come with changes. `hinted`: what comes as a removal may also be a change, so each is confirmed with
   * `get`. `listed`: only a full list shows removals.
   */
  readonly removals: 'fed' | 'hinted' | 'listed'
  /**
   * Whether a full list contains every record. If it does not, absence proves nothing.
   * @default true
   */
  readonly completeList?: boolean | undefined
  /**
   * Milliseconds for which reads may return the state before a write.
   * @default 0
   */
  readonly settleMs?: number | undefined
  /** Returns the remote id of the record that this one belongs to. It is written after that one and removed before it. */
  readonly parent?: ((item: Fields) => string | undefined) | undefined
}

/** Options of every call of a {@link Remote}. */
export interface RemoteCall {
  readonly signal?: AbortSignal | undefined
}

/**
 * The provider's side of a sync. A failure rejects; it is never returned as a page. The codes of {@link RemoteCode} are
 * returned.
 */
export interface Remote {
  readonly traits: RemoteTraits
  /**
   * Makes the id of a new record from 32 hexadecimal digits. Present if the provider accepts ids from the client: a create
   * that is repeated then cannot duplicate.
   */
  readonly newId?: ((seed: string) => string) | undefined
  /**
   * Makes the idempotency key of a new record from 32 hexadecimal digits. Present if the provider returns the existing record
   * for a create that is repeated with the same key and content.
   */
  readonly newKey?: ((seed: string) => string) | undefined
  /** Returns one page. Without `since`: of a full list. */
  pull(
    place: { readonly since?: string | undefined; readonly page?: string | undefined } & RemoteCall,
  ): Promise<RemotePage | RemoteAnswer<'expired'>>
  get(id: string, call: RemoteCall): Promise<RemoteRecord | RemoteAnswer<'gone' | 'unreadable'>>
  create?(
    item: Fields,
    call: {
      readonly id?: string | undefined
      readonly idempotencyKey?: string | undefined
      readonly marker: string
    } & RemoteCall,
  ): Promise<RemoteRecord | RemoteAnswer<'exists'>>
  /**
   * Sends only the fields in `changes`. Returns the record as the provider stored it.
   * @param call.item the whole local record
   * @param call.current the record right before the write. Present if a set is sent, or if writes cannot be conditional
   */
  update?(
    id: string,
    changes: Fields,
    call: {
      readonly version?: string | undefined
      readonly item?: Fields | undefined
      readonly current?: Fields | undefined
    } & RemoteCall,
  ): Promise<RemoteRecord | RemoteAnswer<'conflict' | 'gone'>>
  remove?(
    id: string,
    call: { readonly version?: string | undefined } & RemoteCall,
  ): Promise<RemoteAnswer<'conflict' | 'gone'> | undefined>
  /** Finds the record that was created with a marker. Present if the provider can search for markers. */
  find?(marker: string, call: RemoteCall): Promise<RemoteRecord | undefined>
}

/** Returns whether a provider returned a code instead of a result. */
export const isAnswer = <Code extends RemoteCode>(result: object | RemoteAnswer<Code>): result is RemoteAnswer<Code> =>
  'code' in result

/** Passes every method of a provider that it has to `around`, which may call it. */
export const intercept = (
  remote: Remote,
  around: (name: string | symbol, call: () => unknown, parameters: readonly unknown[]) => unknown,
): Remote =>
  new Proxy(remote, {
    get(target, name): unknown {
      const value: unknown = Reflect.get(target, name)
      return typeof value !== 'function'
        ? value
        : (...parameters: readonly unknown[]) =>
            around(name, () => Reflect.apply(value, target, parameters) as unknown, parameters)
    },
  })
