import type { GraphContext } from './context.ts'
import { GraphFailure } from './failure.ts'
import { createFolder } from './folder.ts'
import type { Folder } from './folder.ts'
import { listResponse } from './list.ts'
import { isObject } from './routes.ts'
import type { Fields, GraphResource } from './routes.ts'

/** A folder of contacts beside the default one. */
export interface SimulatedContactFolder {
  readonly id: string
  readonly displayName: string
}

export interface ContactResource extends GraphResource {
  /** Returns the contacts of a folder: by its id, or of the default one. */
  contactsOf(folderId?: string): Folder
}

/** The number of the default folder in ids. Calendars have those from 0. */
const FIRST_FOLDER = 20

/** The fields of a new contact that a body leaves out. */
const DEFAULTS: Fields = {
  displayName: '',
  givenName: null,
  surname: null,
  companyName: null,
  jobTitle: null,
  emailAddresses: [],
  businessPhones: [],
  homePhones: [],
  mobilePhone: null,
  categories: [],
  personalNotes: '',
}
const LISTS = ['emailAddresses', 'imAddresses', 'businessPhones', 'homePhones', 'children', 'categories']
const ADDRESSES = ['homeAddress', 'businessAddress', 'otherAddress']
/** The display name is made of these. */
const NAMES = ['givenName', 'middleName', 'surname']

/** Creates the contacts of a mailbox: those of its default folder, and of further ones. */
export function createContacts(settings: readonly SimulatedContactFolder[], context: GraphContext): ContactResource {
  const folderAt = (path: string, parentFolderId: string, index: number): Folder =>
    createFolder(
      {
        name: `contacts of ${parentFolderId}`,
        folder: FIRST_FOLDER + index,
        type: 'contact',
        resources: [path],
        path,
        operations: 'contacts',
        contentOf: (body) => changed({ ...DEFAULTS, parentFolderId }, body),
        changesOf: changed,
      },
      context,
    )
  const main = folderAt('me/contacts', 'contacts', 0)
  const others = settings.map(({ id }, index) => folderAt(`me/contactFolders/${id}/contacts`, id, index + 1))
  const all = [main, ...others]
  return {
    routes: [
      {
        operation: 'contactFolders.list',
        method: 'GET',
        path: /^me\/contactFolders$/,
        run: (call) =>
          listResponse(
            call,
            context,
            settings.map((folder) => ({ ...folder, parentFolderId: 'contacts' })),
          ),
      },
      ...all.flatMap(({ routes }) => routes),
    ],
    contactsOf(folderId) {
      const found = folderId === undefined ? main : others[settings.findIndex(({ id }) => id === folderId)]
      if (found === undefined) throw new GraphFailure('ErrorItemNotFound')
      return found
    },
    behave() {
      for (const folder of all) folder.behave()
    },
    writes: () => all.reduce((sum, folder) => sum + folder.writes(), 0),
  }
}

/** Returns a contact after a change: addresses are merged, and the display name follows the other names. */
function changed(contact: Fields, body: Fields): Fields {
  const noList = LISTS.find((name) => body[name] === null)
  if (noList !== undefined) throw new GraphFailure('BadRequest', { message: `${noList} is a collection.` })
  const addresses = ADDRESSES.filter((name) => isObject(body[name])).map((name): [string, Fields] => {
    const parts = Object.entries({ ...(contact[name] as Fields | undefined), ...(body[name] as Fields) })
    return [name, Object.fromEntries(parts.filter(([, part]) => part !== null))]
  })
  const next: Fields = { ...contact, ...body, ...Object.fromEntries(addresses) }
  const isNamed = typeof next['displayName'] === 'string' && next['displayName'] !== ''
  if (isNamed && ('displayName' in body || !NAMES.some((name) => name in body))) return next
  const names = NAMES.map((name) => next[name]).filter((name) => typeof name === 'string' && name !== '')
  return { ...next, displayName: names.join(' ') }
}
