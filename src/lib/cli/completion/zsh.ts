/** A completion script for zsh: as a file on `fpath`, or sourced. Pure. */
import type {FlagWord, Place} from './model.ts'
import {functionName, quote, type Script} from './script.ts'

export const zshScript: Script = (bin, places) => {
  const name = functionName(bin)
  return `#compdef ${bin}
# zsh completion for ${bin}: ${bin} completion zsh > "\${fpath[1]}/_${bin}"
${name}() {
  local line= next
  integer taken=0
  local -a names
  while (( taken + 2 < CURRENT )); do
    next=\${line:+$line }\${words[taken+2]}
    case $next in
    ${places
      .filter(({path}) => path !== '')
      .map(({path}) => quote(path))
      .join('|')}) line=$next; (( taken++ )) ;;
    *) break ;;
    esac
  done
  # What was recognised counts as one word, the command's.
  shift taken words
  (( CURRENT -= taken ))
  case $line in
${places.map((place) => `    ${quote(place.path)})\n${body(place)}\n      ;;`).join('\n')}
  esac
}
if [[ $funcstack[1] == _${bin} ]]; then ${name} "$@"; else compdef ${name} ${bin}; fi
`
}

function body({words, flags, files}: Place): string {
  const specs = flags.flatMap(flagSpecs)
  const described = words.filter(({about}) => about !== '')
  if (described.length > 0) {
    const names = words.map(({word, about}) => `        ${quote(`${word.replaceAll(':', String.raw`\:`)}:${about}`)}`).join('\n')
    return `      names=(\n${names}\n      )\n      if [[ \${words[CURRENT]} == -* ]]; then _arguments ${specs.join(' ')}; else _describe command names; fi`
  }
  const rest = files ? [quote('*:file:_files')] : words.length > 0 ? [quote(`1: :(${words.map(({word}) => word).join(' ')})`)] : []
  return `      _arguments \\\n        ${[...specs, ...rest].join(' \\\n        ')}`
}

function flagSpecs({name, char, about, takesValue, values}: FlagWord): string[] {
  const text = `[${about.replaceAll(/[[\]\\:]/g, String.raw`\$&`)}]`
  const action = takesValue ? `:${name}:${values.length > 0 ? `(${values.join(' ')})` : '_files'}` : ''
  return [`--${name}${takesValue ? '=' : ''}`, ...(char === undefined ? [] : [`-${char}`])].map((flag) => quote(`${flag}${text}${action}`))
}
