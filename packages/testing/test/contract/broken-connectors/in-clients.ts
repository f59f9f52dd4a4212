import { withClient } from '@mcpclient/core'
import type { Call } from '@mcpclient/core'
import { notes, NotesClient } from '../notes-connector.ts'
import type { BrokenConnector, Invocation } from './broken-connector.ts'

const responses = new Map<string, Promise<unknown>>()

/** An author may also extend the client, and undo what the runtime does. */
export const clients: readonly BrokenConnector[] = [
  {
    mistake: 'a client that returns a cached value without a tenant',
    factory: withClient(
      notes,
      class extends NotesClient {
        override async invoke(...[name, input, options]: Invocation): Promise<unknown> {
          if (!responses.has(name)) responses.set(name, super.invoke(name, input, options))
          return responses.get(name)
        }
      },
    ),
    found: ['tenants: two tenants at once never share a credential or a response'],
    sentence: /must get its own response; it failed with MCP_CLIENT_ERROR/,
  },
  {
    mistake: 'a client that hides every failure',
    factory: withClient(
      notes,
      class extends NotesClient {
        override async invoke(...invocation: Invocation): Promise<unknown> {
          return super.invoke(...invocation).catch(() => ({ id: 'n0', text: '' }))
        }
      },
    ),
    found:
      /^errors: (?!the table)|^tenants: a tenant without|^matrix: a breaker opens|^matrix: a write is not sent twice|^matrix: a wait beyond/,
    sentence: /it returned|the error must say so|must fail and say retryAfterMs/,
  },
  {
    mistake: 'a client that tries again by itself',
    factory: withClient(
      notes,
      class extends NotesClient {
        protected override async perform(call: Call): Promise<unknown> {
          return super
            .perform(call)
            .catch(async () => super.perform(call))
            .catch(async () => super.perform(call))
        }
      },
    ),
    found:
      /^matrix: (?:a write is not sent twice|a write that the provider says it did not process|retries do not make an outage worse)/,
    sentence: /saw it \d+ times|was sent \d+ times|sent \d+ requests/,
  },
  {
    mistake: 'a client that does not wait',
    factory: withClient(
      notes,
      class extends NotesClient {
        override async invoke(...[name, input, options]: Invocation): Promise<unknown> {
          return super.invoke(name, input, { ...options, timeoutMs: 1 })
        }
      },
    ),
    found:
      /^matrix: .*(?:is waited for|makes its siblings wait|a wait ends for|a write that may be repeated is|provably not sent is sent again)/,
    sentence: /must be sent again|must go well|after a wait of|must be tried again|and must be;/,
  },
  {
    mistake: 'a client that forgets who is waiting',
    factory: withClient(
      notes,
      class extends NotesClient {
        override async invoke(...[name, input]: Invocation): Promise<unknown> {
          return super.invoke(name, input)
        }
      },
    ),
    found: /^matrix: a call that is aborted|^matrix: a wait beyond/,
    sentence: /must fail with CANCELLED|must fail at once|must fail and say retryAfterMs/,
  },
  {
    mistake: 'a client that never tells of a failure',
    factory: withClient(
      notes,
      class extends NotesClient {
        protected override perform(call: Call): Promise<unknown> {
          return super.perform(call).catch(() => new Promise(() => {}))
        }
      },
    ),
    found: ['matrix: closing the client ends every call, and no call leaves a timer'],
    sentence: /closing must end the call with CANCELLED; it was still waiting/,
  },
]
