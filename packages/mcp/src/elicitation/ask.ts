import type { ElicitRequest, ElicitResult } from '@modelcontextprotocol/client'
import type { Logger } from '@mcpclient/core'
import { validate } from '../json-schema/schema-validator.ts'
import type { ValidationResult } from '../json-schema/schema-validator.ts'
import type { ElicitResponse, ElicitQuestion, Elicitor, QuestionContext } from './question.ts'

/** Passes a server's question to the host, and returns the response in the protocol's form. Never rejects. */
export async function ask(
  elicitor: Elicitor,
  params: ElicitRequest['params'],
  context: QuestionContext,
  logger: Logger,
): Promise<ElicitResult> {
  const question = questionOf(params, context)
  if (question === undefined) return { action: 'decline' }
  const { serverId } = context
  try {
    const response = await elicitor(question)
    const { faults, unchecked } = validateResponse(response, question)
    if (unchecked.length > 0) logger.warn({ serverId, unchecked }, 'Part of the schema of a question was not checked.')
    if (faults.length === 0) return resultOf(response, question)
    logger.error(
      { serverId, fault: faults.join('; ') },
      'The elicitation result does not match the schema of the server.',
    )
  } catch (error) {
    logger.error({ serverId, error }, 'The host failed to return an elicitation result.')
  }
  return { action: 'cancel' }
}

function questionOf(params: ElicitRequest['params'], context: QuestionContext): ElicitQuestion | undefined {
  const { message } = params
  if (params.mode !== 'url') return { ...context, mode: 'form', message, schema: params.requestedSchema }
  const url = URL.canParse(params.url) ? new URL(params.url) : undefined
  // The user will open it, so it must be a web page.
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return undefined
  return { ...context, mode: 'url', message, url: url.href, host: url.host }
}

function validateResponse(response: ElicitResponse, question: ElicitQuestion): ValidationResult {
  if (response.action !== 'accept' || question.mode === 'url') return { faults: [], unchecked: [] }
  const { properties = {} } = question.schema as {
    readonly properties?: Readonly<Record<string, { default?: unknown }>>
  }
  // The SDK fills in the schema's defaults afterwards.
  const defaults = Object.entries(properties).flatMap(([name, each]) =>
    each.default === undefined ? [] : [[name, each.default]],
  )
  const content: unknown = { ...Object.fromEntries(defaults), ...response.content }
  return validate(question.schema, content)
}

function resultOf(response: ElicitResponse, { mode }: ElicitQuestion): ElicitResult {
  if (response.action !== 'accept' || mode === 'url') return { action: response.action }
  return { action: 'accept', content: { ...response.content } as NonNullable<ElicitResult['content']> }
}
