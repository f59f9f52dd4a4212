import { mark, noContent, nullable } from '@mcpclient/core/define'
import * as z from 'zod'

const text = nullable(z.string())
const personal = nullable(mark(z.string(), { private: true }))
/** A text that may come from a business card or a signature, which a third party writes. */
const written = nullable(mark(z.string(), { untrusted: true, private: true }))
const list = <Entry extends z.ZodType>(entry: Entry) => nullable(z.array(entry))

const Address = nullable(
  z.object({ street: written, city: written, state: written, postalCode: written, countryOrRegion: written }),
)

export const Contact = z.object({
  id: z.string(),
  '@odata.etag': text.describe(
    'Pass it to update_contact or delete_contact as etag to refuse a write to a newer version.',
  ),
  parentFolderId: text,
  createdDateTime: text,
  lastModifiedDateTime: text,
  displayName: written,
  fileAs: written,
  title: written,
  givenName: written,
  middleName: written,
  surname: written,
  generation: written.describe('A suffix, such as Jr.'),
  nickName: written,
  initials: written,
  emailAddresses: list(z.object({ address: personal, name: written })),
  imAddresses: list(mark(z.string(), { private: true })),
  businessPhones: list(mark(z.string(), { private: true })),
  homePhones: list(mark(z.string(), { private: true })),
  mobilePhone: personal,
  homeAddress: Address,
  businessAddress: Address,
  otherAddress: Address,
  companyName: written,
  department: written,
  jobTitle: written,
  profession: written,
  officeLocation: written,
  businessHomePage: written,
  manager: written,
  assistantName: written,
  spouseName: written,
  children: list(mark(z.string(), { untrusted: true, private: true })),
  birthday: personal,
  personalNotes: written,
  categories: list(z.string()),
})

export const Folder = z.object({
  id: z.string(),
  parentFolderId: text,
  displayName: mark(text, { private: true }),
})

/** Graph returns no body. */
export const Deleted = noContent(z.object({ deleted: z.literal(true) }))
