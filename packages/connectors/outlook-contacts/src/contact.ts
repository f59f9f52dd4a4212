import { nullable } from '@mcpclient/core/define'
import * as z from 'zod'

const text = nullable(z.string())

/** Graph returns an empty list or object for a field without a value. */
const withoutEmpty = (value: unknown): unknown =>
  value === null || (typeof value === 'object' && Object.values(value).every((each) => each === null))
    ? undefined
    : value

const filled = <Value extends z.ZodType>(value: Value) => z.preprocess(withoutEmpty, value.optional())
const texts = filled(z.array(z.string()))
const Address = filled(z.object({ street: text, city: text, state: text, postalCode: text, countryOrRegion: text }))

/** The fields of a row. */
export const Contact = z.object({
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
