import type { ElicitRequest, ElicitResult } from '@modelcontextprotocol/client'
import type { Logger } from '@mcpclient/core'
import { judge } from '../session/output-check.ts'
import type { SchemaVerdict } from '../json-schema/schema-check.ts'
import type { ElicitAnswer, ElicitQuestion, Elicitor, QuestionContext } from './question.ts'

/** Puts a server's question to the host, and the host's answer into the protocol's form. Never rejects. */
export async function ask(
  elicitor: Elicitor,
  params: ElicitRequest['params'],
  context: QuestionContext,
  logger: Logger,
): Promise<ElicitResult> {
  const question = questionOf(params, context)
  if (question === undefined) return { action: 'decline' }
  try {
    const answer = await elicitor(question)
    const { faults, unchecked } = verdictOn(answer, question)
    if (unchecked.length > 0) {
      logger.warn({ serverId: context.serverId, unchecked }, 'Part of the schema of a question was not checked.')
    }
    if (faults.length === 0) return resultOf(answer, question)
    const fault = faults.join('; ')
    logger.error({ serverId: context.serverId, fault }, 'The answer to a server does not fit its question.')
  } catch (error) {
    logger.error({ serverId: context.serverId, error }, 'The host could not answer a server.')
  }
  return { action: 'cancel' }
}

function questionOf(params: ElicitRequest['params'], context: QuestionContext): ElicitQuestion | undefined {
  const { message } = params
  if (params.mode !== 'url') return { ...context, mode: 'form', message, schema: params.requestedSchema }
  const url = URL.canParse(params.url) ? new URL(params.url) : undefined
  // A person is asked to open it: nothing but a web page.
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return undefined
  return { ...context, mode: 'url', message, url: url.href, host: url.host }
}

function verdictOn(answer: ElicitAnswer, question: ElicitQuestion): SchemaVerdict {
  if (answer.action !== 'accept' || question.mode === 'url') return { faults: [], unchecked: [] }
  const { properties = {} } = question.schema as {
    readonly properties?: Readonly<Record<string, { default?: unknown }>>
  }
  // What the form leaves out is filled in with the schema's defaults afterwards.
  const defaults = Object.entries(properties).flatMap(([name, each]) =>
    each.default === undefined ? [] : [[name, each.default]],
  )
  const content: unknown = { ...Object.fromEntries(defaults), ...answer.content }
  return judge(question.schema, content)
}

function resultOf(answer: ElicitAnswer, { mode }: ElicitQuestion): ElicitResult {
  if (answer.action !== 'accept' || mode === 'url') return { action: answer.action }
  return { action: 'accept', content: { ...answer.content } as NonNullable<ElicitResult['content']> }
}
