/** The file descriptor of the pipe on which the watchdog waits for the exit of this process. */
export const WATCHDOG_FD = 3

/**
 * The watchdog is a shell process next to the program that reads from a pipe. The pipe closes when this process exits, for
 * whatever reason, and the watchdog then ends the program's process group. A line on the pipe ends the watchdog alone. The
 * program replaces the shell, so its process id and its exit code are its own.
 */
const SCRIPT = `
(
  exec </dev/null >/dev/null 2>&1
  trap "" TERM INT HUP
  read -r line <&${WATCHDOG_FD} && exit 0
  kill -TERM -$$
  sleep 1
  kill -KILL -$$
) &
exec ${WATCHDOG_FD}<&-
exec "$@"
`

/** Returns the command line that runs a program next to a watchdog. */
export const withWatchdog = (command: string, args: readonly string[]) => ({
  command: '/bin/sh',
  args: ['-c', SCRIPT, 'sh', command, ...args],
})

/** Returns whether an exit code means that the shell could not start the program. */
export const isNotStarted = (exitCode: number | null): boolean => exitCode === 127 || exitCode === 126
