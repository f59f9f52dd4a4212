/** `@mcpclient/whatsapp-cloud`: the WhatsApp Business number of a business, with the token of a system user. */
export { verifyToken } from '@mcpclient/meta'
export { whatsappCloud } from './whatsapp-cloud.ts'
export type { WhatsappCloudTypes } from './whatsapp-cloud.ts'
