import { simulatedProvider } from '../simulated-provider.ts'
import type { SimulatedProvider, SimulatedProviderOptions, SimulatedRecord } from '../simulated-provider.ts'
import { contentOf, groupsOf, isObject, maskOf, memberOf, MY_CONTACTS, WRITABLE } from './contact.ts'
import type { SimulatedContact } from './contact.ts'
import { invalidArgument, PeopleFailure } from './failure.ts'
import { etagOf, idOf, versionOf } from './shown.ts'

type Fields = Readonly<Record<string, unknown>>

export interface BookContext {
  readonly now: () => number
  readonly random: () => number
  readonly faults: Partial<SimulatedProviderOptions>
  /** Returns whether a group exists. */
  readonly hasGroup: (name: string) => boolean
}

/** The contacts of an account. */
export interface Book {
  readonly provider: SimulatedProvider
  /** Names that a contact had before, by its id. */
  readonly previous: ReadonlyMap<string, readonly string[]>
  read(resourceName: string): Promise<SimulatedRecord>
  create(body: Fields): Promise<SimulatedRecord>
  /** Replaces the fields of a mask, if the body has the etag of the current version. */
  update(resourceName: string, body: Fields, mask: unknown): Promise<SimulatedRecord>
  /** Throws what `update` would throw. */
  check(resourceName: string, body: Fields, mask: unknown): void
  remove(resourceName: string): Promise<void>
  /** Writes of another client, without faults and conditions. */
  put(id: string, changes: SimulatedContact): SimulatedRecord
  /** Gives a contact another name, as a new link with a profile does. */
  rename(resourceName: string): SimulatedRecord
}

export function createBook({ now, random, faults, hasGroup }: BookContext): Book {
  const previous = new Map<string, readonly string[]>()
  let last = 0
  let renamed = 0
  const provider = simulatedProvider({
    now,
    random,
    creates: 'neither',
    etags: true,
    tombstones: true,
    revisions: false,
    ...faults,
    // A field that an update removes has no value.
    normalize: (item) => Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined)),
  })
  /** Returns the time of a change. It grows with each of them. */
  const nextUpdateTime = (): string => {
    last = Math.max(now(), last + 1)
    return new Date(last).toISOString()
  }
  const known = (result: SimulatedRecord | { readonly code: string }): SimulatedRecord => {
    if (!('code' in result)) return result
    throw new PeopleFailure(result.code === 'conflict' ? 'FAILED_PRECONDITION' : 'NOT_FOUND')
  }
  const current = (resourceName: string): SimulatedRecord => {
    const record = provider.record(idOf(resourceName))
    if (record === undefined) throw new PeopleFailure('NOT_FOUND')
    return record
  }
  const withGroups = (content: SimulatedContact): SimulatedContact => {
    const groups = groupsOf(content)
    const missing = groups.find((name) => !hasGroup(name))
    if (missing !== undefined) throw invalidArgument(`Contact group "${missing}" does not exist.`)
    return groups.length > 0 ? content : { ...content, memberships: [memberOf(MY_CONTACTS)] }
  }
  /** Returns the changes of an update, and the version that it is based on. */
  const changesOf = (resourceName: string, body: Fields, mask: unknown) => {
    const fields = maskOf(mask, 'updatePersonFields', WRITABLE)
    const sources = isObject(body['metadata']) ? body['metadata']['sources'] : undefined
    const source: unknown = Array.isArray(sources)
      ? sources.find((each: unknown) => isObject(each) && each['type'] === 'CONTACT')
      : undefined
    if (!isObject(source) || source['etag'] === undefined) {
      throw invalidArgument('Request must set metadata.sources with the etag of the contact.')
    }
    const { version } = current(resourceName)
    if (source['etag'] !== etagOf(version)) throw new PeopleFailure('FAILED_PRECONDITION')
    const content = contentOf(body)
    if (fields.has('memberships') && groupsOf(content).length === 0) {
      throw invalidArgument('A contact must have at least one contact group membership.')
    }
    withGroups(content)
    return {
      version: versionOf(source['etag']),
      changes: Object.fromEntries([...fields].map((field) => [field, content[field]])),
    }
  }

  return {
    provider,
    previous,
    read: async (resourceName) => known(await provider.get(idOf(resourceName))),
    async create(body) {
      const content = withGroups(contentOf(body))
      return known(await provider.create({ ...content, updateTime: nextUpdateTime() }, {}))
    },
    check: (resourceName, body, mask) => void changesOf(resourceName, body, mask),
    async update(resourceName, body, mask) {
      const { version, changes } = changesOf(resourceName, body, mask)
      return known(await provider.update(idOf(resourceName), { ...changes, updateTime: nextUpdateTime() }, { version }))
    },
    async remove(resourceName) {
      const refused = await provider.remove(idOf(resourceName), {})
      if (refused !== undefined) throw new PeopleFailure('NOT_FOUND')
    },
    put(id, changes) {
      const { updateTime: _updateTime, ...before } = provider.record(id)?.item ?? {}
      const emptied = Object.keys(changes).filter((field) => changes[field] === null)
      const content = withGroups(contentOf({ ...before, ...changes }))
      provider.put(id, {
        ...content,
        ...Object.fromEntries(emptied.map((field) => [field, undefined])),
        updateTime: nextUpdateTime(),
      })
      return provider.record(id) ?? { id, item: {} }
    },
    rename(resourceName) {
      const { id, item } = current(resourceName)
      const next = `${id}r${++renamed}`
      previous.set(next, [...(previous.get(id) ?? []), resourceName])
      provider.drop(id)
      provider.put(next, { ...item, updateTime: nextUpdateTime() })
      return current(`people/c${next}`)
    },
  }
}
