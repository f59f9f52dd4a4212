import type { SimulatedRecord } from '../simulated-provider.ts'
import type { SimulatedContact } from './contact.ts'

type Fields = Readonly<Record<string, unknown>>

export const nameOf = (id: string): string => `people/c${id}`
/** Returns the id of a stored contact. That of the user is none. */
export const idOf = (resourceName: string): string =>
  resourceName.startsWith('people/c') ? resourceName.slice('people/c'.length) : ''

/** Returns the etag of a source for a stored version, and the other way round. */
export const etagOf = (version = ''): string => `#${version.replaceAll('"', '')}`
export const versionOf = (etag: unknown): string => `"${String(etag).replace(/^#/, '')}"`

/**
 * Returns a contact as a response shows it.
 * @param mask the fields of the response
 * @param previous the names that it had before
 */
export function shown(
  { id, version, item }: SimulatedRecord,
  mask: ReadonlySet<string>,
  previous: readonly string[] = [],
): SimulatedContact {
  const source = { type: 'CONTACT', id: sourceId(id) }
  const { updateTime, ...content } = item
  const fields = Object.entries(content).filter(([field]) => mask.has(field))
  return {
    resourceName: nameOf(id),
    etag: `%${btoa(`${version}${[...mask].toSorted().join()}`)}`,
    ...(mask.has('metadata') && {
      metadata: {
        sources: [{ ...source, etag: etagOf(version), updateTime }],
        ...(previous.length > 0 && { previousResourceNames: previous }),
        objectType: 'PERSON',
      },
    }),
    ...Object.fromEntries(
      fields.map(([field, list]) => [field, entriesOf(field, list as readonly Fields[], source)] as const),
    ),
    ...(mask.has('photos') && {
      photos: [{ metadata: { primary: true, source }, url: `https://photos.example/${id}`, default: true }],
    }),
  }
}

/** Returns a contact that was deleted, as a list of changes shows it. */
export const shownDeleted = (id: string): SimulatedContact => ({
  resourceName: nameOf(id),
  metadata: { deleted: true, objectType: 'PERSON' },
})

/** Returns the id of a source: hexadecimal digits. */
const sourceId = (id: string): string => [...id].map((sign) => sign.charCodeAt(0).toString(16)).join('')

function entriesOf(field: string, list: readonly Fields[], source: Fields): readonly Fields[] {
  const marked = list.findIndex(({ metadata }) => metadata !== undefined)
  return list.map((entry, index) => {
    const isPrimary = field !== 'memberships' && index === Math.max(marked, 0)
    return {
      ...entry,
      ...derived(field, entry),
      metadata: { ...(isPrimary && { primary: true, sourcePrimary: true }), source },
    }
  })
}

const joined = (parts: readonly unknown[], by: string): string =>
  parts.filter((part) => typeof part === 'string').join(by)

/** Returns the members that Google derives from other ones. */
function derived(field: string, entry: Fields): Fields {
  const { type, value } = entry
  const formattedType = typeof type === 'string' && { formattedType: type.slice(0, 1).toUpperCase() + type.slice(1) }
  if (field === 'names') {
    const { honorificPrefix, givenName, middleName, familyName } = entry
    const displayName = joined([honorificPrefix, givenName, middleName, familyName], ' ')
    return {
      displayName,
      displayNameLastFirst: joined([familyName, givenName], ', '),
      unstructuredName: entry['unstructuredName'] ?? displayName,
    }
  }
  if (field === 'addresses') {
    const { streetAddress, city, region, postalCode, country } = entry
    const whole = joined([streetAddress, city, region, postalCode, country], '\n')
    return { ...formattedType, formattedValue: entry['formattedValue'] ?? whole }
  }
  if (field === 'phoneNumbers' && typeof value === 'string' && value.startsWith('+')) {
    return { ...formattedType, canonicalForm: `+${value.replaceAll(/\D/g, '')}` }
  }
  return formattedType || {}
}
