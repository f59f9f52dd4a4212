import { settingsOf } from './composed-connector.ts'
import { connectorCheck, notApplicable } from './connector-check.ts'
import type { ConnectorCheck, Report } from './connector-check.ts'
import { excerpt } from './json-form.ts'
import { deepFreeze } from './json-walk.ts'
import { playing } from './provider-script.ts'
import { twice } from './purity-checks.ts'
import { withRunning, withUnlimited } from './running-connector.ts'
import { described, endingOf, failureIn } from './settle.ts'
import { successes } from './subject.ts'
import type { Call, ContractSubject } from './subject.ts'

/** The capabilities of a connector: approval screens, guards, an undo. */
export const capabilityChecks: readonly ConnectorCheck[] = [
  connectorCheck('capabilities: each mark belongs to the right kind of tool', async (subject, report) => {
    const [call] = successes(subject)
    if (call === undefined) return notApplicable('there is no fixture of a call that goes well')
    await withRunning(subject, { response: playing(call), settings: call.settings }, async (running) => {
      for (const toolName of Object.keys(subject.factory.tools)) {
        const { inputMarks = [], outputMarks = [] } = (await running.describe(toolName)) ?? {}
        for (const { path, destination, ...others } of inputMarks) {
          if (Object.keys(others).length === 0 && destination !== undefined) continue
          report(`${toolName}: the input "${path.join('.')}" is marked as an output. Mark inputs with destination.`)
        }
        for (const { path, destination } of outputMarks) {
          if (destination === undefined) continue
          report(`${toolName}: the output "${path.join('.')}" is marked as a destination, which only an input can be.`)
        }
      }
    })
    return undefined
  }),

  connectorCheck('capabilities: a preview is a sentence that depends only on the call', (subject, report) => {
    const calls = successes(subject).filter(({ tool }) => tool.preview !== undefined)
    if (calls.length === 0) return notApplicable('no tool has a preview')
    for (const call of calls) examinePreview(subject, call, report)
    return undefined
  }),

  connectorCheck(
    'capabilities: undo follows from the call, and names a call of this connector',
    async (subject, report) => {
      for (const [name, { effect, undo }] of Object.entries(subject.factory.tools)) {
        if (effect === 'read' && undo !== undefined) report(`${name}: a read changes nothing. Leave out undo.`)
      }
      const calls = successes(subject).filter(({ tool }) => typeof tool.undo === 'function')
      if (calls.length === 0) return notApplicable('no tool says how to undo it')
      const reversed = new Set<string>()
      for (const call of calls) {
        if (await examineUndo(subject, call, report)) reversed.add(call.toolName)
      }
      for (const { toolName } of calls) {
        if (reversed.has(toolName)) continue
        report(`${toolName}: undo() returns a call for none of the fixtures. Add one, or write undo: 'impossible'.`)
      }
      return undefined
    },
  ),
]

function examinePreview(subject: ContractSubject, call: Call, report: Report): void {
  const { tool, toolName } = call
  const context = deepFreeze({ settings: settingsOf(subject, call.settings) }) as never
  const input = deepFreeze(parsedInput(call))
  const sentence = twice(`${toolName}: its preview`, () => tool.preview?.(input, context), report)
  if (sentence === undefined) return
  if (typeof sentence === 'string' && /\S/.test(sentence) && !/undefined|\[object/.test(sentence)) return
  report(`${toolName}: its preview is ${excerpt(sentence)} (${call.label}). Return a sentence that a user understands.`)
}

/** @returns whether the call can be reversed */
async function examineUndo(subject: ContractSubject, call: Call, report: Report): Promise<boolean> {
  const { tool, toolName } = call
  const { undo } = tool
  const { tools } = subject.factory
  const ending = await withRunning(subject, { response: playing(call), settings: call.settings }, (running) =>
    running.until(endingOf(running.call(call))),
  )
  if (typeof undo !== 'function' || !ending.succeeded) return false
  const done = deepFreeze({ input: parsedInput(call), output: ending.value as never })
  const reversal = twice(`${toolName}: its undo`, () => undo(done), report)
  if (reversal === undefined) return false
  const reverse = Object.hasOwn(tools, reversal.tool) ? tools[reversal.tool] : undefined
  if (reverse === undefined) {
    report(`${toolName}: undo() names "${reversal.tool}". Name one of ${Object.keys(tools).join(', ')}.`)
  } else if (reverse.effect === 'read') {
    report(`${toolName}: undo() names "${reversal.tool}", which reads. Name the tool that reverses the call.`)
  } else {
    const response = { status: 503, json: {} }
    await withUnlimited(subject, call, { response: () => response }, async (running) => {
      const calling = running.call({ ...call, toolName: reversal.tool, input: reversal.input })
      const failure = failureIn(await running.until(endingOf(calling)))
      if (failure?.code !== 'INVALID_INPUT') return
      report(
        `${toolName}: undo() gives ${reversal.tool} an input that it refuses; ${described({ succeeded: false, error: failure })}`,
      )
    })
  }
  return true
}

function parsedInput({ tool, input }: Call): never {
  const parsed = tool.input.safeParse(input)
  // Another check says that the input does not fit.
  return (parsed.success ? parsed.data : input) as never
}
