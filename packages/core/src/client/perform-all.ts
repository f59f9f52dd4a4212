import pLimit from 'p-limit'
import type { Step, Steps } from '../connector/steps.ts'
import { ConnectorError } from '../errors/connector-error.ts'

/** Performs independent steps. Without `settle`, the steps that still wait are not sent after a failure. */
export async function performAll(
  { all, concurrency, settle }: Steps,
  perform: (step: Step) => Promise<unknown>,
  isOver: () => boolean,
): Promise<unknown[]> {
  const limit = pLimit(concurrency)
  const settled = async (step: Step) => {
    try {
      return { value: await perform(step) }
    } catch (error) {
      if (isOver() || !ConnectorError.is(error)) throw error
      return { error }
    }
  }
  try {
    return await limit.map(all, settle === true ? settled : perform)
  } catch (error) {
    limit.clearQueue()
    throw error
  }
}
