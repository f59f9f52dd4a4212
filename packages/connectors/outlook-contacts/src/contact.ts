import { valueAt } from '@mcpclient/core/define'
import type { Schema } from '@mcpclient/core/define'
import * as z from 'zod'
import { folderId } from './inputs.ts'

/** The folder of a sync. */
export const Folder = z.object({ folderId })

/** Graph returns an empty text, list or object for a field without a value. */
const withoutEmpty = (value: unknown): unknown => {
  const isEmpty = value === null || value === ''
  const isHollow = typeof value === 'object' && Object.values(value ?? {}).every((each) => each === null)
  return isEmpty || isHollow ? undefined : value
}
const filled = <Value extends z.ZodType>(value: Value) => z.preprocess(withoutEmpty, value.optional())

const text = filled(z.string())
const texts = filled(z.array(z.string()))
const Address = filled(z.object({ street: text, city: text, state: text, postalCode: text, countryOrRegion: text }))

const Fields = z.object({
  id: z.string().min(1),
  '@odata.etag': z.string(),
  displayName: text,
  title: text,
  givenName: text,
  middleName: text,
  surname: text,
  generation: text,
  nickName: text,
  emailAddresses: filled(z.array(z.object({ address: text, name: text }))),
  imAddresses: texts,
  businessPhones: texts,
  homePhones: texts,
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
  children: texts,
  birthday: text,
  personalNotes: text,
  categories: texts,
})

/** A row. The time of the last change orders what is read. It is no field, so that a write does not change the row again. */
export const Contact: Schema<z.output<typeof Fields>> = Fields.loose()

/** Returns the time of the last change, in milliseconds since the epoch. */
export const changedAt = (contact: object): number | undefined =>
  Date.parse(String(valueAt(contact, 'lastModifiedDateTime'))) || undefined
