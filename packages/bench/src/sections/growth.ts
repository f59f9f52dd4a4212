import { measureConcurrentCalls } from '../growth/measure-concurrent-calls.ts'
import { measureLargeBody } from '../growth/measure-large-body.ts'
import { measureListTools } from '../growth/measure-list-tools.ts'
import { measurePatterns } from '../growth/measure-patterns.ts'
import type { Section, SectionResult } from '../report/section.ts'

/** Measures how costs grow with the number of patterns, servers and concurrent calls, and with the size of a body. */
export const growth: Section = {
  name: 'growth',
  async measure(run) {
    const parts = [
      await measurePatterns(run),
      await measureListTools(run),
      await measureConcurrentCalls(run),
      await measureLargeBody(run),
    ]
    return {
      tables: parts.flatMap(({ tables }) => tables),
      goals: parts.flatMap(({ goals }) => goals),
      figures: Object.assign({}, ...parts.map(({ figures }) => figures)) as SectionResult['figures'],
    }
  },
}
