import { afterEach, describe, expect, it } from 'vitest'
import { guard, unguard } from '../../src/stdio/process-guard.ts'
import type { Guarded } from '../../src/stdio/process-guard.ts'

const programs: Guarded[] = []
afterEach(() => {
  for (const program of programs.splice(0)) unguard(program)
})

const makeProgram = (): Guarded => {
  const program = { isAlive: () => true, signal: () => undefined }
  programs.push(program)
  return program
}

describe('a guarded program', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK', 'exit'])(
    'has one listener for %s, whatever the number of programs',
    (event) => {
      const before = process.listenerCount(event)
      const [first, second] = [makeProgram(), makeProgram()]
      guard(first)
      guard(second)
      expect(process.listenerCount(event)).toBe(before + 1)
      unguard(first)
      expect(process.listenerCount(event)).toBe(before + 1)
      unguard(second)
      expect(process.listenerCount(event)).toBe(before)
      unguard(second)
      expect(process.listenerCount(event)).toBe(before)
    },
  )
})
