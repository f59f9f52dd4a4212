import * as z from 'zod'

export const folderId = z
  .string()
  .min(1)
  .optional()
  .describe('Id of a folder: list_contact_folders returns it. Default: the default folder.')
export const contactId = z
  .string()
  .min(1)
  .describe('Id of the contact, as list_contacts and search_contacts return it.')
export const etag = z
  .string()
  .min(1)
  .optional()
  .describe('@odata.etag of the contact as it was read. Graph refuses the write if the contact has changed since.')
export const pageSize = z.number().int().min(1).max(1000).default(100).describe('Contacts in one page.')

const text = z.string()
const Address = z.object({
  street: text.optional(),
  city: text.optional(),
  state: text.optional(),
  postalCode: text.optional(),
  countryOrRegion: text.optional(),
})

/** The fields of a contact that can be written. */
export const fields = {
  displayName: text.describe('The name as it is shown. Default: built from the other names, also after they change.'),
  title: text,
  givenName: text,
  middleName: text,
  surname: text,
  generation: text.describe('A suffix, such as Jr.'),
  nickName: text,
  initials: text,
  emailAddresses: z.array(z.object({ address: z.email(), name: text.optional() })),
  imAddresses: z.array(text),
  businessPhones: z.array(text),
  homePhones: z.array(text),
  mobilePhone: text,
  homeAddress: Address,
  businessAddress: Address,
  otherAddress: Address,
  companyName: text,
  department: text,
  jobTitle: text,
  profession: text,
  officeLocation: text,
  businessHomePage: text,
  manager: text,
  assistantName: text,
  spouseName: text,
  children: z.array(text),
  birthday: z.iso.datetime({ offset: true }).describe('A day at midnight in UTC: 1974-07-22T00:00:00Z.'),
  personalNotes: text,
  categories: z.array(text).describe('Names of categories of the user.'),
}
