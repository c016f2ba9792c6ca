import type { Command } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** One command: the words up to it, those that can come next, and the options that await a value. */
interface Place {
  readonly path: string;
  readonly words: readonly string[];
  readonly awaiting: readonly string[];
}

/**
 * A script for that shell to source. It completes the commands of the tree, arguments that are one of a few, and options;
 * nothing for a value, since users and keys would need the database.
 */
export function completionScript(root: Command, shell: Shell): string {
  const places = placesOf(root, root.name());
  return shell === 'fish' ? fish(root.name(), places) : posix(root.name(), places, POSIX[shell]);
}

function placesOf(command: Command, path: string): Place[] {
  const help = command.createHelp();
  const children = help.visibleCommands(command);
  const options = help.visibleOptions(command);
  const flags = (some: typeof options) =>
    some.flatMap(({ short, long }) => [short, long]).filter((flag) => flag != null);
  const choices = command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices);
  const words = [...children.map((child) => child.name()), ...choices, ...flags(options)];
  const awaiting = flags(options.filter(({ required, optional }) => required || optional));
  return [{ path, words, awaiting }, ...children.flatMap((child) => placesOf(child, `${path} ${child.name()}`))];
}

/** Names are letters and dashes, so that quotes are all it takes. */
function quoted(texts: readonly string[], separator: string): string {
  return texts.map((text) => `'${text}'`).join(separator);
}

function commandsOf(places: readonly Place[]): string[] {
  return places.slice(1).map(({ path }) => path);
}

function awaitingOf(places: readonly Place[]): string[] {
  return places.flatMap(({ path, awaiting }) => awaiting.map((option) => `${path} ${option}`));
}

/** The words before the cursor's, the last of them, and how words are proposed and the function made known. */
const POSIX = {
  bash: {
    before: '"${COMP_WORDS[@]:1:COMP_CWORD-1}"',
    last: '${COMP_WORDS[COMP_CWORD-1]}',
    propose: 'COMPREPLY=($(compgen -W "$next" -- "${COMP_WORDS[COMP_CWORD]}"))',
    register: (name: string) => `complete -F _${name} ${name}`,
  },
  zsh: {
    before: '"${(@)words[2,CURRENT-1]}"',
    last: '${words[CURRENT-1]}',
    propose: 'compadd -- ${=next}',
    register: (name: string) => `compdef _${name} ${name}`,
  },
};

/** `at` follows the words as long as they name commands; others are arguments. */
function posix(name: string, places: readonly Place[], { before, last, propose, register }: (typeof POSIX)['bash']) {
  return `_${name}() {
  local at='${name}' next='' word
  for word in ${before}; do
    case "$at $word" in
      ${quoted(commandsOf(places), '|')}) at="$at $word" ;;
    esac
  done
  case "$at ${last}" in
    ${quoted(awaitingOf(places), '|')}) ;;
    *)
      case "$at" in
${places.map(({ path, words }) => `        '${path}') next='${words.join(' ')}' ;;`).join('\n')}
      esac
      ;;
  esac
  ${propose}
}
${register(name)}
`;
}

function fish(name: string, places: readonly Place[]): string {
  const withWords = places.filter(({ words }) => words.length > 0);
  return `function __${name}_next
    set -l at '${name}'
    set -l words (commandline -opc)
    for word in $words[2..-1]
        switch "$at $word"
            case ${quoted(commandsOf(places), ' ')}
                set at "$at $word"
        end
    end
    switch "$at $words[-1]"
        case ${quoted(awaitingOf(places), ' ')}
            return
    end
    switch $at
${withWords.map(({ path, words }) => `        case '${path}'\n            printf '%s\\n' ${quoted(words, ' ')}`).join('\n')}
    end
end
complete -c ${name} -f -a '(__${name}_next)'
`;
}
