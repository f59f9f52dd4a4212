import { groupsOf, isObject, memberOf, MY_CONTACTS } from './contact.ts'
import type { Book } from './book.ts'
import { invalidArgument, PeopleFailure } from './failure.ts'
import { idOf, nameOf } from './shown.ts'

type Fields = Readonly<Record<string, unknown>>

/** A contact group in Google's form. */
export interface SimulatedContactGroup {
  readonly resourceName: string
  readonly etag: string
  readonly name: string
  readonly formattedName: string
  readonly groupType: 'USER_CONTACT_GROUP' | 'SYSTEM_CONTACT_GROUP'
  readonly memberCount: number
  readonly memberResourceNames?: readonly string[] | undefined
  readonly metadata?: { readonly updateTime: string } | undefined
}

interface Stored {
  readonly name: string
  readonly updateTime: string
  readonly version: number
}

/** The groups of an account. */
export interface Groups {
  has(resourceName: string): boolean
  all(): readonly SimulatedContactGroup[]
  get(resourceName: string, maxMembers: number): SimulatedContactGroup
  create(body: Fields): SimulatedContactGroup
  rename(resourceName: string, body: Fields): SimulatedContactGroup
  remove(resourceName: string, deletesContacts: boolean): void
  /** Adds and removes members. Returns what could not be done. */
  modify(resourceName: string, body: Fields): Fields
}

const SYSTEM: ReadonlyMap<string, string> = new Map([
  [MY_CONTACTS, 'My Contacts'],
  ['contactGroups/starred', 'Starred'],
])
const MAX_MEMBERS = 1000

export function createGroups(book: () => Book, now: () => number): Groups {
  const stored = new Map<string, Stored>()
  let made = 0

  const membersOf = (group: string): readonly string[] =>
    book()
      .provider.records()
      .filter(({ item }) => groupsOf(item).includes(group))
      .map(({ id }) => nameOf(id))
  const shown = (resourceName: string): SimulatedContactGroup => {
    const memberCount = membersOf(resourceName).length
    const system = SYSTEM.get(resourceName)
    if (system !== undefined) {
      const name = resourceName.slice('contactGroups/'.length)
      return { resourceName, etag: 'e0', name, formattedName: system, groupType: 'SYSTEM_CONTACT_GROUP', memberCount }
    }
    const own = ownGroup(resourceName)
    return {
      resourceName,
      etag: `e${own.version}`,
      metadata: { updateTime: own.updateTime },
      name: own.name,
      formattedName: own.name,
      groupType: 'USER_CONTACT_GROUP',
      memberCount,
    }
  }
  const ownGroup = (resourceName: string): Stored => {
    const own = stored.get(resourceName)
    if (own !== undefined) return own
    if (SYSTEM.has(resourceName)) throw invalidArgument('A system contact group cannot be changed.')
    throw new PeopleFailure('NOT_FOUND')
  }
  const write = (resourceName: string, body: Fields, version: number): SimulatedContactGroup => {
    const name = isObject(body['contactGroup']) ? body['contactGroup']['name'] : undefined
    if (typeof name !== 'string' || name === '') throw invalidArgument('Contact group name is required.')
    const isTaken = [...stored].some(([other, each]) => other !== resourceName && each.name === name)
    if (isTaken) throw new PeopleFailure('ALREADY_EXISTS')
    stored.set(resourceName, { name, version, updateTime: new Date(now()).toISOString() })
    return shown(resourceName)
  }
  /** Writes the groups of a contact, which belongs to at least one. */
  const setGroups = (resourceName: string, groups: readonly string[]): void => {
    book().put(idOf(resourceName), { memberships: groups.map(memberOf) })
  }
  const groupsOfContact = (resourceName: string): readonly string[] | undefined => {
    const record = book().provider.record(idOf(resourceName))
    return record && groupsOf(record.item)
  }

  return {
    has: (resourceName) => SYSTEM.has(resourceName) || stored.has(resourceName),
    all: () => [...SYSTEM.keys(), ...stored.keys()].map(shown),
    get(resourceName, maxMembers) {
      const memberResourceNames = membersOf(resourceName).slice(0, maxMembers)
      return { ...shown(resourceName), ...(memberResourceNames.length > 0 && { memberResourceNames }) }
    },
    create: (body) => write(`contactGroups/g${++made}`, body, 1),
    rename: (resourceName, body) => write(resourceName, body, ownGroup(resourceName).version + 1),
    remove(resourceName, deletesContacts) {
      ownGroup(resourceName)
      for (const member of membersOf(resourceName)) {
        if (deletesContacts) book().provider.drop(idOf(member))
        else setGroups(member, groupsOfContact(member)?.filter((group) => group !== resourceName) ?? [])
      }
      stored.delete(resourceName)
    },
    modify(resourceName, body) {
      shown(resourceName)
      const [added, removed] = ['resourceNamesToAdd', 'resourceNamesToRemove'].map((field) => namesIn(body[field]))
      if (added === undefined || removed === undefined || added.length + removed.length > MAX_MEMBERS) {
        throw invalidArgument('There are too many resource names.')
      }
      const missing = [...added, ...removed].filter((name) => groupsOfContact(name) === undefined)
      const last: string[] = []
      for (const name of added) {
        const groups = groupsOfContact(name)
        if (groups !== undefined && !groups.includes(resourceName)) setGroups(name, [...groups, resourceName])
      }
      for (const name of removed) {
        const groups = groupsOfContact(name)
        if (!groups?.includes(resourceName)) continue
        if (groups.length === 1) last.push(name)
        else
          setGroups(
            name,
            groups.filter((group) => group !== resourceName),
          )
      }
      return {
        ...(missing.length > 0 && { notFoundResourceNames: missing }),
        ...(last.length > 0 && { canNotRemoveLastContactGroupResourceNames: last }),
      }
    },
  }
}

/** Returns the resource names in a field of a body. */
export function namesIn(list: unknown): readonly string[] {
  if (list === undefined || list === null) return []
  if (Array.isArray(list) && list.every((name) => typeof name === 'string')) return list
  throw invalidArgument('Invalid value: it is no list of resource names.')
}
