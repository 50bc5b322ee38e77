/** Text for a terminal of so many columns: the first line after `lead`, the others under it. */
export function paragraph(text: string, width: number, lead: string): string {
  const room = Math.max(20, width - lead.length)
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  lines.push(line)
  return lines.map((each, index) => (index === 0 ? lead : ' '.repeat(lead.length)) + each).join('\n')
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape that colours begin with
const COLOURS = /\u001b\[\d+m/g
/** Source lines are cut by whoever shows them, and stand as they are. */
const SOURCE = /^\s*>?\s*\d* ?\|/

/** Lines of a report for a terminal of so many columns: what is too long goes on two columns further in. */
export function wrapLines(text: string, columns: number): string {
  return text
    .split('\n')
    .map((line) => {
      if (SOURCE.test(line) || widthOf(line) <= columns) return line
      const [indent = ''] = /^ */.exec(line) ?? []
      return folded(line.slice(indent.length).split(' '), indent, columns)
    })
    .join('\n')
}

function folded(words: readonly string[], indent: string, columns: number): string {
  const lines: string[] = []
  let line = indent
  for (const word of words) {
    const isFirst = line.trim() === ''
    if (!isFirst && widthOf(line) + 1 + widthOf(word) > columns) {
      lines.push(line)
      line = `${indent}  ${word}`
    } else line = isFirst ? line + word : `${line} ${word}`
  }
  return [...lines, line].join('\n')
}

function widthOf(text: string): number {
  return text.replace(COLOURS, '').length
}
