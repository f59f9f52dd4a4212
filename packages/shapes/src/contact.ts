import * as z from 'zod'

const text = z.string().optional()
const kind = z
  .string()
  .optional()
  .describe('home, work, mobile, other, or another word. Providers without kinds leave it out.')

/** An entry of an address book. */
export const Contact = z.object({
  prefix: text,
  givenName: text,
  middleName: text,
  familyName: text,
  suffix: text,
  nickname: text,
  company: text,
  department: text,
  jobTitle: text,
  emails: z.array(z.object({ email: z.string(), kind })).optional(),
  phones: z.array(z.object({ number: z.string(), kind })).optional(),
  addresses: z
    .array(z.object({ kind, street: text, city: text, region: text, postalCode: text, country: text }))
    .optional(),
  birthday: z
    .string()
    .regex(/^(?:\d{4}-|--)\d{2}-\d{2}$/)
    .optional()
    .describe('A day, such as 1815-12-10; --12-10 without a year.'),
  notes: text,
  website: text,
})
export type Contact = z.output<typeof Contact>
