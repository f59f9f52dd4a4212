import { links } from './tools/links.ts'
import { lists } from './tools/lists.ts'
import { steps } from './tools/steps.ts'
import { tasks } from './tools/tasks.ts'

export const tools = { ...lists, ...tasks, ...steps, ...links }
