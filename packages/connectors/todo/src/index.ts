/** `@mcpclient/todo`: a to-do list for each tenant, in a store of the host. */
export { todo } from './todo.ts'
export type { TodoOptions, TodoTypes } from './todo.ts'
