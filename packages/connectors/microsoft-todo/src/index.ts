/** `@mcpclient/microsoft-todo`: the lists and tasks of Microsoft To Do, for users who sign in with a Microsoft account. */
export { microsoftTodo } from './microsoft-todo.ts'
export type { MicrosoftTodoTypes } from './microsoft-todo.ts'
