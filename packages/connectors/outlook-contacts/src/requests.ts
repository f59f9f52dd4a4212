import { path } from '@mcpclient/core/define'

export interface InFolder {
  readonly folderId?: string | undefined
}

/** Returns the path of the contacts of a folder. Without one: of the default folder. */
export const contactsOf = ({ folderId }: InFolder): string =>
  folderId === undefined ? 'me/contacts' : path`me/contactFolders/${folderId}/contacts`

export const contactAt = ({ folderId, contactId }: InFolder & { readonly contactId: string }): string =>
  `${contactsOf({ folderId })}/${path`${contactId}`}`

const LISTS: ReadonlySet<string> = new Set([
  'emailAddresses',
  'imAddresses',
  'businessPhones',
  'homePhones',
  'children',
  'categories',
])
const ADDRESSES: ReadonlySet<string> = new Set(['homeAddress', 'businessAddress', 'otherAddress'])
const EMPTY_ADDRESS = { street: null, city: null, state: null, postalCode: null, countryOrRegion: null }

/** Returns the body of an update. A list is emptied by an empty one, and an address is replaced as a whole. */
export const changesOf = (fields: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      if (ADDRESSES.has(name)) return [name, { ...EMPTY_ADDRESS, ...(value as object | null) }]
      return [name, LISTS.has(name) ? (value ?? []) : value]
    }),
  )
