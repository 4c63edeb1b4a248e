/** What the process tells its caller when it ends. */
export const ExitCode = {
  done: 0,
  /** The input was refused; diagnostics say why. */
  refused: 1,
  /** The command line was wrong. */
  usage: 2,
  /** No functional change: there is nothing to patch. */
  nothing: 3,
  /** Ended by ctrl-C, as shells count it: 128 + SIGINT. */
  interrupted: 130,
  /** A bug of this tool. */
  internal: 70,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
