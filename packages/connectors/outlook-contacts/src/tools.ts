import { contacts } from './tools/contacts.ts'
import { folders } from './tools/folders.ts'

export const tools = { ...contacts, ...folders }
