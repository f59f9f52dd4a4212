import { formatCheck } from './formats.ts'
import { shown } from './judge.ts'
import type { Judge, Place, Schema } from './judge.ts'

export function checkText(judge: Judge, keyword: string, expected: unknown, text: string, place: Place): boolean {
  switch (keyword) {
    case 'minLength':
      if (typeof expected !== 'number' || codePoints(judge, text, expected) >= expected) return true
      return judge.fault(place, `must have at least ${expected} characters`)
    case 'maxLength':
      if (typeof expected !== 'number' || text.length <= expected) return true
      return (
        codePoints(judge, text, expected) <= expected || judge.fault(place, `must have at most ${expected} characters`)
      )
    case 'pattern':
      if (typeof expected !== 'string' || judge.matches(expected, text)) return true
      return judge.fault(place, `must match the pattern ${shown(expected)}`)
    case 'format':
      return typeof expected !== 'string' || checkFormat(judge, expected, text, place)
    default:
      return true
  }
}

function checkFormat(judge: Judge, format: string, text: string, place: Place): boolean {
  const isGood = formatCheck(format)
  if (isGood === undefined) return judge.skip(`the format "${shown(format)}"`)
  judge.budget.spend(text.length >> 4)
  return isGood(text) || judge.fault(place, `must have the format ${shown(format)}`)
}

/** Counted only where their number can matter. */
function codePoints({ budget }: Judge, text: string, limit: number): number {
  if (text.length > 2 * limit) return text.length / 2
  budget.spend(text.length >> 2)
  let count = 0
  for (const _ of text) count += 1
  return count
}

export function checkNumber(judge: Judge, keyword: string, schema: Schema, value: number, place: Place): boolean {
  const expected = schema[keyword]
  if (typeof expected !== 'number' || fits(keyword, expected, schema, value)) return true
  return judge.fault(place, `breaks ${keyword} ${expected}`)
}

function fits(keyword: string, limit: number, schema: Schema, value: number): boolean {
  switch (keyword) {
    case 'minimum':
      // Draft-04 has a boolean beside it.
      return schema['exclusiveMinimum'] === true ? value > limit : value >= limit
    case 'maximum':
      return schema['exclusiveMaximum'] === true ? value < limit : value <= limit
    case 'exclusiveMinimum':
      return value > limit
    case 'exclusiveMaximum':
      return value < limit
    case 'multipleOf':
      return limit <= 0 || Math.abs(value / limit - Math.round(value / limit)) < 1e-8
    default:
      return true
  }
}
