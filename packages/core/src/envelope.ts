/** `@mcpclient/core/envelope`: the wire format of `handle()`, as zod schemas. */
export { envelope, envelopeError, envelopeRequest, envelopeSuccess } from './envelope/schemas.ts'
export type { Envelope, EnvelopeError, EnvelopeRequest, EnvelopeSuccess } from './envelope/schemas.ts'
