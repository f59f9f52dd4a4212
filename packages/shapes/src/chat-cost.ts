import type { ChatUsage } from './chat-response.ts'

/** The prices of a model, in any currency, for a million tokens each. */
export interface ChatPrices {
  readonly input: number
  readonly output: number
  /** The price of input that was read from a cache. @default input */
  readonly cachedInput?: number | undefined
  /** The price of input that was written to a cache. @default input */
  readonly cacheWrite?: number | undefined
}

/**
 * Returns what a response costs at these prices, in their currency. Providers change prices, so pass the current ones.
 * @returns undefined if the provider did not report the tokens
 */
export function chatCost(usage: ChatUsage, prices: ChatPrices): number | undefined {
  const { inputTokens, outputTokens, cachedInputTokens = 0, cacheWriteTokens = 0 } = usage
  if (inputTokens === undefined || outputTokens === undefined) return undefined
  const { input, output, cachedInput = input, cacheWrite = input } = prices
  const plain = inputTokens - cachedInputTokens - cacheWriteTokens
  return (
    (plain * input + cachedInputTokens * cachedInput + cacheWriteTokens * cacheWrite + outputTokens * output) /
    1_000_000
  )
}
