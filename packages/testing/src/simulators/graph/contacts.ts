import type { GraphContext } from './context.ts'
import { createFolder } from './folder.ts'
import type { Folder } from './folder.ts'
import type { Fields } from './routes.ts'

/** The number of the folder in ids. Calendars have those from 0. */
const FOLDER = 20

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
  parentFolderId: 'contacts',
}

/** Creates the contacts of a mailbox, in its default folder. */
export const createContacts = (context: GraphContext): Folder =>
  createFolder(
    {
      name: 'contacts',
      folder: FOLDER,
      type: 'contact',
      resources: ['me/contacts'],
      path: 'me/contacts',
      operations: 'contacts',
      contentOf: (body) => named({ ...DEFAULTS, ...body }),
      changesOf: (item, body) => named({ ...item, ...body }),
    },
    context,
  )

/** Graph makes the display name of a contact without one. */
function named(contact: Fields): Fields {
  const { displayName, givenName, surname } = contact
  if (typeof displayName === 'string' && displayName !== '') return contact
  const names = [givenName, surname].filter((name) => typeof name === 'string' && name !== '')
  return { ...contact, displayName: names.join(' ') }
}
