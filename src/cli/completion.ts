/**
 * `xsplice-build completion SHELL`: a script for the shell that completes commands, options and the values of options.
 * It is made from the commands themselves, so it cannot fall behind; files are completed where a file is wanted.
 */
import type { Command, Option } from 'commander';
import { Argument } from 'commander';
import { ExitCode } from './exit.js';
import type { Terminal } from './terminal.js';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

export function addCompletionCommand(
  program: Command,
  terminal: Terminal,
  finish: (code: ExitCode) => void,
): void {
  program
    .command('completion')
    .summary('print a script with which a shell completes commands and options')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText(
      'after',
      `
Examples:
  xsplice-build completion bash > /etc/bash_completion.d/xsplice-build
  xsplice-build completion zsh > "\${fpath[1]}/_xsplice-build"
  xsplice-build completion fish > ~/.config/fish/completions/xsplice-build.fish`,
    )
    .action((shell: Shell) => {
      terminal.stdout(completionScript(shell, program));
      finish(ExitCode.done);
    });
}

interface Completed {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly Option[];
}

/** The script for a shell: for all commands that `program` has. */
export function completionScript(shell: Shell, program: Command): string {
  const commands = program.commands.map((command): Completed => {
    const options = command.createHelp().visibleOptions(command);
    return { name: command.name(), summary: command.summary(), options };
  });
  const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };
  return scripts[shell](commands);
}

const flagsOf = ({ short, long }: Option): string[] => [short, long].filter((flag) => flag !== undefined);
const flagList = ({ options }: Completed): string => options.flatMap(flagsOf).join(' ');

/** Options that take one of a few values. */
function chosen(
  commands: readonly Completed[],
): (readonly [flags: readonly string[], values: readonly string[]])[] {
  const found = new Map<string, readonly [readonly string[], readonly string[]]>();
  for (const option of commands.flatMap(({ options }) => options)) {
    if (option.argChoices === undefined) continue;
    found.set(`${option.flags} ${option.argChoices.join(' ')}`, [flagsOf(option), option.argChoices]);
  }
  return [...found.values()];
}

function bashScript(commands: readonly Completed[]): string {
  const values = chosen(commands).map(
    ([flags, list]) =>
      `    ${flags.join('|')}) COMPREPLY=($(compgen -W '${list.join(' ')}' -- "$word")); return;;`,
  );
  const options = commands.map((one) => `    ${one.name}) options='${flagList(one)}';;`);
  return `# bash completion of xsplice-build
_xsplice_build() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} options= command=build k
  # An option and its value are words of their own, with an equals sign between them as a third.
  if [[ $word == = ]]; then word=; before=\${COMP_WORDS[COMP_CWORD-1]}
  elif [[ $before == = ]]; then before=\${COMP_WORDS[COMP_CWORD-2]}; fi
  case $before in
${values.join('\n')}
  esac
  for ((k = 1; k < COMP_CWORD; k++)); do
    case \${COMP_WORDS[k]} in
      ${commands.map(({ name }) => name).join('|')}) command=\${COMP_WORDS[k]}; break;;
    esac
  done
  case $command in
${options.join('\n')}
  esac
  if [[ $word == -* ]]; then COMPREPLY=($(compgen -W "$options" -- "$word")); return; fi
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen -f -- "$word"))
  if ((COMP_CWORD == 1)); then
    COMPREPLY+=($(compgen -W '${commands.map(({ name }) => name).join(' ')}' -- "$word"))
  fi
}
complete -F _xsplice_build xsplice-build xsplice-livepatch-build
`;
}

/** Within single quotes, in descriptions of zsh: colons and brackets mean something there. */
const zshText = (text: string): string => text.replace(/[[\]:\\]/g, '\\$&').replaceAll("'", "'\\''");

function zshOption(option: Option): string {
  const flags = flagsOf(option);
  const value =
    !option.required && !option.optional
      ? ''
      : option.argChoices === undefined
        ? `:${zshText(option.attributeName())}:_files`
        : `:${zshText(option.attributeName())}:(${option.argChoices.join(' ')})`;
  return flags
    .map(
      (flag) =>
        `'*${flag}${value === '' || !flag.startsWith('--') ? '' : '='}[${zshText(option.description)}]${value}'`,
    )
    .join(' ');
}

function zshScript(commands: readonly Completed[]): string {
  const described = commands.map(({ name, summary }) => `    '${name}:${zshText(summary)}'`);
  const cases = commands.map(
    ({ name, options }) => `    ${name}) _arguments ${options.map(zshOption).join(' ')} '*:file:_files';;`,
  );
  return `#compdef xsplice-build xsplice-livepatch-build
_xsplice_build() {
  local -a commands
  commands=(
${described.join('\n')}
  )
  if ((CURRENT == 2)) && [[ \${words[2]} != -* ]]; then _describe command commands; _files; return; fi
  local command=\${words[2]}
  (( \${commands[(I)$command:*]} )) || command=build
  case $command in
${cases.join('\n')}
  esac
}
_xsplice_build "$@"
`;
}

const fishText = (text: string): string => text.replace(/[\\']/g, '\\$&');

function fishScript(commands: readonly Completed[]): string {
  const names = commands.map(({ name }) => name).join(' ');
  const lines = commands.flatMap(({ name, summary, options }) => [
    `complete -c xsplice-build -n __fish_use_subcommand -a ${name} -d '${fishText(summary)}'`,
    ...options.map((option) => {
      const flags = flagsOf(option).map((flag) =>
        flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
      );
      const takes = option.required || option.optional;
      const values = option.argChoices === undefined ? '' : ` -x -a '${option.argChoices.join(' ')}'`;
      const where =
        name === 'build'
          ? `'__fish_seen_subcommand_from build; or not __fish_seen_subcommand_from ${names}'`
          : `'__fish_seen_subcommand_from ${name}'`;
      return `complete -c xsplice-build -n ${where} ${flags.join(' ')}${takes && values === '' ? ' -r' : values} -d '${fishText(option.description)}'`;
    }),
  ]);
  return `# fish completion of xsplice-build\n${lines.join('\n')}\n`;
}
